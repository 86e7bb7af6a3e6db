using Gateway.Journal;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;

namespace Gateway.Admin;

/// <summary>How this node is: what health and the admin API tell.</summary>
internal sealed class NodeStatus(
    ILedger ledger, RedisConnection redis, Shipment shipment, ShippingMetrics shipping, AccountTable accounts, PendingReturns returns,
    ReservationMetrics reservations, IEntitlementPool pool, IHostApplicationLifetime lifetime)
{
    private const string Ok = "ok";

    /// <inheritdoc cref="Readiness"/>
    public bool IsReady => Readiness().Ready;

    /// <summary>
    /// Ready is who can record a charge and is not on its way out. A pool or a provider that is away is shown but does not count: leases in hand
    /// are still good, and taking every node out of service at once would help nobody.
    /// </summary>
    public (bool Ready, Dictionary<string, string> Checks) Readiness()
    {
        var health = ledger.Health;
        var draining = lifetime.ApplicationStopping.IsCancellationRequested;
        return (health.CanAppend && !draining, new Dictionary<string, string>
        {
            ["journal"] = health.CanAppend ? Ok : health.Reason ?? "can not append",
            ["redis"] = redis.IsConnected ? Ok : "not connected",
            ["paygentic"] = reservations.ProviderTrouble ?? shipment.Trouble ?? Ok,
            ["draining"] = draining ? "yes" : "no",
        });
    }

    public NodeState State()
    {
        var figures = accounts.All.Select(a => a.Figures()).ToList();
        return new NodeState(
            figures.Count, figures.Sum(f => f.Leases), figures.Sum(f => f.Left), figures.Sum(f => f.Held), returns.Count, reservations.FrozenUnits,
            reservations.AllowedRequests, reservations.PoolCalls, reservations.ProviderCalls, shipping.AcceptedCount,
            shipping.QuarantinedCount, ledger.Bytes, ledger.Health.CorruptRecords);
    }

    /// <summary>The accounts this node works with, those with most units leased first.</summary>
    public AccountState[] Accounts(string? customer, int limit) =>
    [
        .. accounts.All.Where(a => customer is null || a.Id.Customer.Value == customer)
            .Select(a => a.Figures()).OrderByDescending(f => f.Leased).Take(limit).Select(f => AccountState.Of(f, pool: null)),
    ];

    /// <summary>One account, with what the pool has for it; also when this node does not know it.</summary>
    public async Task<AccountState> AccountAsync(AccountId id)
    {
        var figures = accounts.Find(id)?.Figures() ?? new AccountFigures { Id = id };
        return AccountState.Of(figures, await pool.InspectAsync(id));
    }
}

/// <param name="Accounts">Accounts this node works with.</param>
/// <param name="Leases">Leases open.</param>
/// <param name="UnitsLeased">Units in those leases, neither held nor charged.</param>
/// <param name="UnitsHeld">Units held by requests that run.</param>
/// <param name="PendingReturns">Leases given up whose rest the pool does not have yet.</param>
/// <param name="UnitsFrozen">Units since start that are, or may be, set aside at the provider and can not be used.</param>
/// <param name="RequestsAllowed">Requests since start that were served on allowance.</param>
/// <param name="PoolCalls">Scripts run in Redis since start.</param>
/// <param name="ProviderCalls">Entitlements asked of the provider since start.</param>
/// <param name="EventsAccepted">Usage events accepted since start.</param>
/// <param name="EventsQuarantined">Usage events refused for good since start.</param>
internal sealed record NodeState(
    int Accounts, int Leases, long UnitsLeased, long UnitsHeld, int PendingReturns, long UnitsFrozen, long RequestsAllowed, long PoolCalls, long ProviderCalls,
    long EventsAccepted, long EventsQuarantined, long JournalBytes, long CorruptRecords);

/// <summary>An account in units, as <see cref="AccountFigures"/> has it.</summary>
internal sealed record AccountState(
    string Customer, string Metric, int Leases, long Leased, long Left, long Held, long Charged, long Uncovered, long Returned, long Expired, long Frozen,
    long Allowed, PoolState? Pool)
{
    public static AccountState Of(in AccountFigures figures, PoolContents? pool) => new(
        figures.Id.Customer.Value, figures.Id.Metric.Value, figures.Leases, figures.Leased, figures.Left, figures.Held, figures.Charged,
        figures.Uncovered, figures.Returned, figures.Expired, figures.Frozen, figures.Allowed, pool is null ? null : PoolState.Of(pool));
}

/// <param name="Pooled">Units that any node can lease.</param>
/// <param name="Fenced">Units that a loss or move of Redis made unusable; they come back to the wallet when their entitlement ends.</param>
/// <param name="Turn">The node that is asking the provider, and until when (ms since 1970) it may; null for none.</param>
/// <param name="Pause">A failure of the provider's that all nodes remember: reason, units, until when; null for none.</param>
internal sealed record PoolState(string Epoch, long Pooled, long Fenced, int CarryMicroUnits, string? Turn, string? Pause, PooledEntitlement[] Entitlements)
{
    public static PoolState Of(PoolContents pool) => new(
        pool.Epoch, pool.Entitlements.Sum(e => e.Units), pool.FencedUnits, pool.CarryMicroUnits,
        pool.Turn.Length == 0 ? null : pool.Turn, pool.Pause.Length == 0 ? null : pool.Pause,
        [.. pool.Entitlements.Select(e => new PooledEntitlement(e.Entitlement.Value, e.Units, e.Uses, e.ExpiresAt))]);
}

internal sealed record PooledEntitlement(string Id, long Units, int Uses, DateTimeOffset ExpiresAt);
