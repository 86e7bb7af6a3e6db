using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;

namespace Gateway.Recovery;

/// <summary>What the journal of this node says of the past: replayed once, at start, before any request.</summary>
internal sealed class ReplayedJournal(OpenShipments shipments)
{
    /// <summary>Redis is told of each again after the start.</summary>
    public const int MostLateJobs = 10_000;

    private readonly Dictionary<Guid, OpenLease> _leases = [];
    private readonly Dictionary<AccountId, CarryMark> _carries = [];
    private readonly Dictionary<Guid, List<HoldPlaced>> _holds = [];
    private readonly Queue<(Guid Job, string Route)> _lateJobs = new();

    // Settlements that no acknowledged batch before them covers; positions only grow.
    private readonly Queue<JournalPosition> _unshipped = new();

    public long Records { get; private set; }

    /// <summary>How often this node has started before; 0 for its first start.</summary>
    public long Incarnation { get; private set; }

    /// <summary>The newest link of the chain over the segments.</summary>
    public SegmentSealed? LastSeal { get; private set; }

    public long UnshippedSettlements => _unshipped.Count;

    /// <summary>Leases that were neither returned nor spent.</summary>
    public IEnumerable<OpenLease> Leases => _leases.Values.Where(l => l is { UnitsLeft: > 0, UsesLeft: > 0 });

    /// <summary>Accounts with a fraction of a unit that is still to be charged.</summary>
    public IEnumerable<KeyValuePair<AccountId, CarryMark>> Carries => _carries.Where(c => c.Value.MicroUnits > 0);

    /// <summary>The highest version of a fraction, charged since or not.</summary>
    public long CarryVersion => _carries.Count == 0 ? 0 : _carries.Values.Max(c => c.Version);

    /// <summary>Requests that were under way when the process ended: what each held of which leases. No client has those answers.</summary>
    public IReadOnlyDictionary<Guid, List<HoldPlaced>> Holds => _holds;

    /// <summary>What was settled last, at most <see cref="MostLateJobs"/>, under an id that follows from what it is: jobs, and slices among them. With the route of each.</summary>
    public IEnumerable<(Guid Job, string Route)> LateJobs => _lateJobs;

    /// <summary>
    /// Before the first request: all that is left goes back to the pool. Fractions too, in place of being carried on by the accounts here: the pool may have
    /// one already, under the same operation id, and it would be charged from there as well.
    /// </summary>
    public void GiveBack(AccountTable accounts, PendingReturns pending)
    {
        accounts.MarkedThrough(CarryVersion + 1); // one more tells that the fraction was put away
        foreach (var lease in Leases) pending.Add(lease.ToReturn());
        foreach (var (account, carry) in Carries) pending.Add(PendingReturn.Of(account, carry, isKept: true));
    }

    public OpenLease? Lease(Guid id) => _leases.GetValueOrDefault(id);

    /// <param name="shipments">Empty; told of what is still to be sent.</param>
    public static ReplayedJournal Read(UsageJournal journal, OpenShipments shipments)
    {
        var replayed = new ReplayedJournal(shipments);
        using var reader = journal.ReadFrom(journal.Start);
        while (reader.TryRead(out var entry)) replayed.Apply(entry);
        replayed.DropShipped();
        return replayed;
    }

    private void Apply(in JournalEntry entry)
    {
        Records++;
        switch (entry.Type)
        {
            case RecordType.NodeStarted:
                Incarnation = Math.Max(Incarnation, entry.Read<NodeStarted>().Incarnation);
                break;
            case RecordType.LeaseTaken:
                var taken = entry.Read<LeaseTaken>();
                _leases[taken.LeaseId] = new OpenLease(taken, entry.Position);
                break;
            case RecordType.LeaseReturned:
                _leases.Remove(entry.Read<LeaseReturned>().LeaseId);
                break;
            case RecordType.HoldPlaced:
                var hold = entry.Read<HoldPlaced>();
                if (!_holds.TryGetValue(hold.RequestId, out var holds)) _holds[hold.RequestId] = holds = [];
                holds.Add(hold);
                break;
            case RecordType.HoldReleased:
                _holds.Remove(entry.Read<HoldReleased>().RequestId);
                break;
            case RecordType.Settled or RecordType.SettledWide:
                Apply(entry.Read<Settled>().Settlement);
                _unshipped.Enqueue(entry.Position);
                break;
            case RecordType.CarrySnapshot:
                var snapshot = entry.Read<CarrySnapshot>();
                Apply(snapshot.Account, snapshot.Carry);
                break;
            case RecordType.Shipped:
                shipments.ShippedThrough(entry.Read<Shipped>().Through);
                DropShipped();
                break;
            case RecordType.BatchFormed:
                shipments.Formed(entry.Read<BatchFormed>(), entry.Position);
                break;
            case RecordType.BatchAcknowledged:
                shipments.Acknowledged(entry.Read<BatchAcknowledged>().Number);
                DropShipped();
                break;
            case RecordType.EventDeferred:
                shipments.Defer(new DeferredEvent(entry.Read<EventDeferred>().Event, entry.Position, DueTimestamp: 0, Attempts: 1));
                break;
            case RecordType.SegmentSealed:
                var seal = entry.Read<SegmentSealed>();
                if (seal.Segment > (LastSeal?.Segment ?? 0)) LastSeal = seal;
                break;
            case RecordType.DeferredDecided:
                shipments.Decided(entry.Read<DeferredDecided>().IdempotencyKey);
                break;
        }
    }

    private void DropShipped()
    {
        // While an older batch is open, a later one that is through counts as unshipped here: a number for people, at most the batches in flight off.
        var through = shipments.Batches is [var oldest, ..] ? oldest.Formed.From : shipments.FormedThrough;
        var inclusive = shipments.Batches.Count == 0;
        while (_unshipped.TryPeek(out var first) && (first < through || (inclusive && first == through))) _unshipped.Dequeue();
    }

    private void Apply(in Settlement settlement)
    {
        _holds.Remove(settlement.RequestId);
        if (settlement.RequestId.Version == 8) _lateJobs.Enqueue((settlement.RequestId, settlement.RouteId));
        if (_lateJobs.Count > MostLateJobs) _lateJobs.Dequeue();
        foreach (var charge in settlement.Charges.Span)
        {
            if (charge.Units > 0 && _leases.TryGetValue(charge.LeaseId, out var lease)) lease.Charge(charge.Units);
            Apply(new AccountId(settlement.Customer, charge.Metric), charge.Carry);
        }
    }

    private void Apply(AccountId account, CarryMark carry)
    {
        // Requests settle side by side, so their records can stand in another order than their versions.
        if (carry.Version > 0 && (!_carries.TryGetValue(account, out var known) || carry.Version > known.Version)) _carries[account] = carry;
    }
}

internal sealed class OpenLease(LeaseTaken taken, JournalPosition position)
{
    public LeaseTaken Taken { get; } = taken;

    public JournalPosition Position { get; } = position;

    public long UnitsLeft { get; private set; } = taken.Units;

    public int UsesLeft { get; private set; } = taken.Uses;

    /// <summary>What goes back: the same, however often the journal is read.</summary>
    public PendingReturn ToReturn() => new(
        Taken.Account, Position, Taken.LeaseId, new PooledUnits(Taken.Entitlement, Taken.Epoch, UnitsLeft, UsesLeft, Taken.ExpiresAt), default);

    public void Charge(long units)
    {
        UnitsLeft -= units;
        UsesLeft--;
        if (UnitsLeft < 0 || UsesLeft < 0)
            throw new InvalidDataException($"The journal charges lease {Taken.LeaseId:N} with more than it was granted.");
    }
}
