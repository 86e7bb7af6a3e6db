using System.Diagnostics.Metrics;
using Gateway.Journal;
using Gateway.Shipping;

namespace Gateway.Admin;

/// <summary>How this node is, as instruments: what an alarm needs and no counter has. Looked at when somebody asks, and never in between.</summary>
internal sealed class NodeGauges(NodeStatus status, ILedger ledger, JournalOptions journal, IBacklog backlog, TimeProvider clock)
{
    public void AddTo(Meter meter)
    {
        meter.CreateObservableGauge("gateway.ready", () => status.IsReady ? 1 : 0, description: "1: requests may be sent here, as /readyz has it; 0: not.");
        meter.CreateObservableGauge("gateway.journal.bytes", () => ledger.Bytes, "By", "What the journal takes up.");
        meter.CreateObservableGauge("gateway.journal.limit", () => journal.MaxBytes, "By", "Journal:MaxBytes, at which metered requests are refused.");
        meter.CreateObservableGauge("gateway.journal.corrupt", () => ledger.Health.CorruptRecords, "{record}", "Places of the journal that can not be read.");
        meter.CreateObservableGauge("gateway.shipping.oldest", OldestAge, "s", "Age of the oldest charge that the provider has not decided; 0 for none.");
        meter.CreateObservableGauge("gateway.quarantine.events", () => backlog.Quarantined, "{event}", "Usage events that the provider refused for good and nobody has sent again.");

        // The runtime has it too, as a counter, of which Prometheus would make a rate.
        meter.CreateObservableGauge("gateway.threads.queue", static () => ThreadPool.PendingWorkItemCount, "{item}", "Work that waits for a thread.");
    }

    /// <summary>Never less than nothing, though clocks are set back.</summary>
    private double OldestAge() => backlog.Oldest is { } oldest ? Math.Max(0, (clock.GetUtcNow() - oldest).TotalSeconds) : 0;
}
