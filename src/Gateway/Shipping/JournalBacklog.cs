using Gateway.Journal;

namespace Gateway.Shipping;

/// <summary>
/// The backlog of a node with a journal. How many charges it is nobody counts, for nobody reads them before they are sent; the oldest one is where the journal
/// is still needed from.
/// </summary>
internal sealed class JournalBacklog(UsageJournal journal, OpenShipments open, FileQuarantine quarantine) : IBacklog
{
    public DateTimeOffset? Oldest
    {
        get
        {
            using var reader = open.OpenFrom is { } from
                ? new SettlementReader(journal, from)
                : new SettlementReader(journal, open.NeededFrom, after: open.FormedThrough);
            DateTimeOffset? sent = reader.TryPeek(out var settlement, out _) ? settlement.OccurredAt : null;
            var putOff = open.Deferred.Min(d => (DateTimeOffset?)d.Event.OccurredAt);
            return sent is null || putOff < sent ? putOff : sent;
        }
    }

    public long Quarantined => quarantine.Count();
}
