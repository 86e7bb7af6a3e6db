using Gateway.Configuration;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;

namespace Gateway.Recovery;

/// <summary>
/// What becomes of requests that were under way when the process ended. No client has their answers, but the upstream may have done their work; so
/// the operator decides, by <c>Gateway:Journal:Recovery</c>. Either way the journal ends each of them, and the next start finds none.
/// </summary>
internal sealed partial class HoldRecovery(
    UsageJournal journal, JournalOptions options, CurrentConfiguration configuration, TimeProvider clock, ILogger<HoldRecovery> logger)
{
    public void Decide(ReplayedJournal replayed)
    {
        if (replayed.Holds.Count == 0) return;
        var billable = configuration.Snapshot.Catalog.Metrics.ToDictionary(m => m.Name, m => m.BillableMetricId);
        var charged = 0;
        foreach (var (requestId, holds) in replayed.Holds)
        {
            if (options.Recovery == HoldPolicy.ChargeHold && TryCharge(replayed, requestId, holds, billable)) charged++;
            else journal.Append(new HoldReleased(requestId));
        }

        Log.Decided(logger, replayed.Holds.Count, charged, replayed.Holds.Count - charged);
    }

    /// <summary>All that was held, at what it was held for. Nothing is charged on a metric that is not configured any more.</summary>
    private bool TryCharge(ReplayedJournal replayed, Guid requestId, List<HoldPlaced> holds, Dictionary<MetricName, string> billable)
    {
        var now = clock.GetUtcNow();
        var charges = new List<Charge>(holds.Count);
        CustomerId customer = default;
        foreach (var hold in holds)
        {
            if (replayed.Lease(hold.LeaseId) is not { UsesLeft: > 0 } lease || lease.UnitsLeft < hold.Units) continue;
            if (!billable.TryGetValue(lease.Taken.Account.Metric, out var billableMetricId)) continue;
            customer = lease.Taken.Account.Customer;

            // An entitlement that has ended meanwhile pays for nothing any more.
            var covered = lease.Taken.ExpiresAt > now;
            charges.Add(new Charge(
                lease.Taken.Account.Metric, billableMetricId, covered ? lease.Taken.Entitlement : null, covered ? hold.LeaseId : Guid.Empty, hold.Units, default));
            if (covered) lease.Charge(hold.Units);
        }

        if (charges.Count == 0) return false;
        journal.Append(new Settled(new Settlement(requestId, now, customer, RouteId: "", StatusCode: 0, UpstreamMicroseconds: 0, charges.ToArray())));
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(810, LogLevel.Warning,
            "{Requests} requests were under way when the gateway ended; no client has their answers. {Charged} are charged with what they held, {Forgiven} with nothing (Gateway:Journal:Recovery).")]
        public static partial void Decided(ILogger logger, int requests, int charged, int forgiven);
    }
}
