using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Reservations;
using Gateway.Shipping;

namespace Gateway.Recovery;

/// <summary>
/// Deletes the journal's oldest segments once nothing in them is needed: every usage event is shipped, every lease taken there is closed, and
/// the fractions carried and the events put off are written again behind them. When half of the room is used, the leases that stand in the way
/// are closed, for a customer who spends slowly would keep everything that others did since.
/// </summary>
internal sealed partial class JournalRetention(
    UsageJournal journal, SegmentSealer sealer, OpenShipments shipments, AccountTable accounts, PendingReturns pending, JournalOptions options,
    TimeProvider clock, ILogger<JournalRetention> logger) : PeriodicService(TimeSpan.FromSeconds(1), clock, logger)
{
    // About what a snapshot takes.
    private const int SnapshotBytes = 64;

    // A lease is in the journal a moment before its account knows it: what is younger than the last pass is left alone.
    private JournalPosition _tailAtLastPass;

    /// <summary>One pass. By one at a time.</summary>
    public void Apply()
    {
        var limit = Min(shipments.NeededFrom, _tailAtLastPass);
        _tailAtLastPass = journal.Tail;
        if (limit.Segment <= journal.Start.Segment) return;

        var now = Instant.Now(Clock);
        var closeThrough = journal.BytesOnDisk > options.MaxBytes / 2 ? (journal.Start.Segment + journal.Tail.Segment) / 2 : 0;
        var snapshots = (long)pending.Carries.Count();
        foreach (var account in accounts.All)
        {
            if (account.HasCarried) snapshots++;
            foreach (var lease in account.Leases)
            {
                // Also one that was just surrendered: it is among the pending returns before it leaves the account.
                if (lease.IsFinished || lease.HasEnded(now)) continue;
                limit = Min(limit, lease.TakenAt);
                if (lease.TakenAt.Segment <= closeThrough) lease.Close();
            }
        }

        limit = Min(limit, new JournalPosition(sealer.Next, 0));
        if (pending.Oldest is { } oldest) limit = Min(limit, oldest);

        // Not for less than twice what the snapshots take, or many accounts would make the journal grow by shrinking it.
        var freed = (limit.Segment - journal.Start.Segment) * options.SegmentBytes;
        if (freed <= 0 || freed < 2 * snapshots * SnapshotBytes) return;
        foreach (var account in accounts.All.Where(a => a.HasCarried)) journal.Append(new CarrySnapshot(account.Id, account.Carry));
        foreach (var (account, carry) in pending.Carries) journal.Append(new CarrySnapshot(account, carry));
        foreach (var deferred in shipments.Deferred.Where(d => d.At.Segment < limit.Segment))
            shipments.Move(deferred, journal.Append(new EventDeferred(deferred.Event)));

        journal.DeleteBefore(limit);
    }

    protected override Task PassAsync(CancellationToken stoppingToken)
    {
        try
        {
            Apply();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalUnavailableException)
        {
            Log.NotApplied(logger, e.Message);
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(820, LogLevel.Warning, "Journal segments that are not needed any more could not be deleted yet: {Reason}")]
        public static partial void NotApplied(ILogger logger, string reason);
    }

    private static JournalPosition Min(JournalPosition a, JournalPosition b) => a < b ? a : b;
}
