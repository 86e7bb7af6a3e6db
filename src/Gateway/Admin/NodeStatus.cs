using Gateway.Journal;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;

namespace Gateway.Admin;

/// <summary>How this node is: what health and the admin API tell.</summary>
internal sealed class NodeStatus(
    UsageJournal journal, RedisConnection redis, Shipment shipment, Quarantine quarantine, AccountTable accounts, Refiller refiller, TimeProvider clock,
    IHostApplicationLifetime lifetime)
{
    private const string Ok = "ok";

    /// <summary>
    /// Ready is who can record a charge and is not on its way out. A pool or a provider that is away is shown but does not count: leases in hand
    /// are still good, and taking every node out of service at once would help nobody.
    /// </summary>
    public (bool Ready, Dictionary<string, string> Checks) Readiness()
    {
        var health = journal.Health;
        var draining = lifetime.ApplicationStopping.IsCancellationRequested;
        return (health.CanAppend && !draining, new Dictionary<string, string>
        {
            ["journal"] = health.CanAppend ? Ok : health.Reason ?? "can not append",
            ["redis"] = redis.IsConnected ? Ok : "not connected",
            ["paygentic"] = shipment.Trouble ?? Ok,
            ["draining"] = draining ? "yes" : "no",
        });
    }

    public NodeState State()
    {
        var now = clock.GetUtcNow();
        var leases = accounts.All.SelectMany(a => a.Leases.ToArray()).Where(l => l.IsOpen(now)).ToList();
        return new NodeState(
            accounts.All.Count(), leases.Count, leases.Sum(l => l.UnitsLeft), refiller.FrozenUnits, shipment.Accepted, quarantine.Count,
            journal.BytesOnDisk, journal.Health.CorruptRecords);
    }
}

/// <param name="Accounts">Accounts met since start.</param>
/// <param name="Leases">Leases open.</param>
/// <param name="UnitsLeased">Units in those leases, neither held nor charged.</param>
/// <param name="UnitsFrozen">Units that may be set aside at the provider without ever having reached the pool.</param>
/// <param name="EventsAccepted">Usage events accepted since start.</param>
/// <param name="EventsQuarantined">Usage events refused for good since start.</param>
internal sealed record NodeState(
    int Accounts, int Leases, long UnitsLeased, long UnitsFrozen, long EventsAccepted, long EventsQuarantined, long JournalBytes, long CorruptRecords);
