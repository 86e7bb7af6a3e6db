using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Reservations;
using Gateway.Shipping;

namespace Gateway.Recovery;

/// <summary>
/// Deletes the journal's oldest segments once nothing in them is needed: every usage event is shipped, every lease taken there is closed, and
/// the fractions carried and the events put off are written again behind them. Thread-safe.
/// </summary>
internal sealed class JournalRetention(UsageJournal journal, SegmentSealer sealer, OpenShipments shipments, AccountTable accounts, PendingReturns pending, TimeProvider clock)
{
    private readonly Lock _gate = new();

    // A lease is in the journal a moment before its account knows it: what is younger than the last pass is left alone.
    private JournalPosition _tailAtLastPass;

    public void Apply()
    {
        lock (_gate) ApplyLocked();
    }

    private void ApplyLocked()
    {
        var limit = Min(shipments.NeededFrom, _tailAtLastPass);
        _tailAtLastPass = journal.Tail;
        if (limit.Segment <= journal.Start.Segment) return;

        var now = Instant.Now(clock);
        foreach (var account in accounts.All)
        {
            foreach (var lease in account.Leases)
            {
                // Also one that was just surrendered: it is among the pending returns before it leaves the account.
                if (!lease.IsFinished && !lease.HasEnded(now)) limit = Min(limit, lease.TakenAt);
            }
        }

        limit = Min(limit, new JournalPosition(sealer.Next, 0));
        if (pending.Oldest is { } oldest) limit = Min(limit, oldest);
        if (limit.Segment <= journal.Start.Segment) return;
        foreach (var account in accounts.All.Where(a => a.HasCarried)) journal.Append(new CarrySnapshot(account.Id, account.Carry));
        foreach (var (account, carry) in pending.Carries) journal.Append(new CarrySnapshot(account, carry));
        foreach (var deferred in shipments.Deferred.Where(d => d.At.Segment < limit.Segment))
            shipments.Move(deferred, journal.Append(new EventDeferred(deferred.Event)));

        journal.DeleteBefore(limit);
    }

    private static JournalPosition Min(JournalPosition a, JournalPosition b) => a < b ? a : b;
}
