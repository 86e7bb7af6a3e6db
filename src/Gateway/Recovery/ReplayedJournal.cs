using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;

namespace Gateway.Recovery;

/// <summary>What the journal of this node says of the past: replayed once, at start, before any request.</summary>
internal sealed class ReplayedJournal
{
    private readonly Dictionary<Guid, OpenLease> _leases = [];
    private readonly Dictionary<AccountId, CarryMark> _carries = [];

    public JournalPosition ShippedThrough { get; private set; }

    public long Records { get; private set; }

    public long UnshippedSettlements { get; private set; }

    /// <summary>Leases that were neither returned nor spent. What was held when the process ended is charged to nobody: no client has those answers.</summary>
    public IEnumerable<OpenLease> Leases => _leases.Values.Where(l => l is { UnitsLeft: > 0, UsesLeft: > 0 });

    /// <summary>Accounts with a fraction of a unit that is still to be charged.</summary>
    public IEnumerable<KeyValuePair<AccountId, CarryMark>> Carries => _carries.Where(c => c.Value.MicroUnits > 0);

    public static ReplayedJournal Read(UsageJournal journal)
    {
        var replayed = new ReplayedJournal();
        var unshipped = new Queue<JournalPosition>();
        using var reader = journal.ReadFrom(journal.Start);
        while (reader.TryRead(out var entry))
        {
            replayed.Records++;
            switch (entry.Type)
            {
                case RecordType.LeaseTaken:
                    var taken = entry.Read<LeaseTaken>();
                    replayed._leases[taken.LeaseId] = new OpenLease(taken, entry.Position);
                    break;
                case RecordType.LeaseReturned:
                    replayed._leases.Remove(entry.Read<LeaseReturned>().LeaseId);
                    break;
                case RecordType.Settled:
                    replayed.Apply(entry.Read<Settled>().Settlement);
                    unshipped.Enqueue(entry.Position);
                    break;
                case RecordType.CarrySnapshot:
                    var snapshot = entry.Read<CarrySnapshot>();
                    replayed.Apply(snapshot.Account, snapshot.Carry);
                    break;
                case RecordType.Shipped:
                    replayed.ShippedThrough = entry.Read<Shipped>().Through;
                    while (unshipped.TryPeek(out var first) && first <= replayed.ShippedThrough) unshipped.Dequeue();
                    break;
            }
        }

        replayed.UnshippedSettlements = unshipped.Count;
        return replayed;
    }

    private void Apply(in Settlement settlement)
    {
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
