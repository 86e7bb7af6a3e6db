using System.Diagnostics.Metrics;
using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>What reserving costs and where units are, by metric. Never by customer: those series have no bound; the admin API has them.</summary>
internal sealed class ReservationMetrics
{
    private readonly Counter<long> _pool;
    private readonly Counter<long> _grants;
    private readonly Counter<long> _granted;
    private readonly Counter<long> _leased;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _frozen;
    private readonly Counter<long> _allowed;
    private long _poolCalls;
    private long _providerCalls;
    private long _frozenUnits;
    private long _allowedRequests;
    private string? _providerTrouble;

    public ReservationMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(GatewayMeter.Name);
        _pool = meter.CreateCounter<long>("gateway.pool.calls", "{call}", "Scripts run in Redis.");
        _grants = meter.CreateCounter<long>("gateway.provider.grants", "{call}", "Entitlements asked of the provider, by outcome.");
        _granted = meter.CreateCounter<long>("gateway.reservation.granted", "{unit}", "Units of the entitlements created.");
        _leased = meter.CreateCounter<long>("gateway.reservation.leased", "{unit}", "Units taken from the pool.");
        _returned = meter.CreateCounter<long>("gateway.reservation.returned", "{unit}", "Unspent units put back into the pool.");
        _expired = meter.CreateCounter<long>("gateway.reservation.expired", "{unit}", "Units leased and not used when their entitlement ended.");
        _frozen = meter.CreateCounter<long>("gateway.reservation.frozen", "{unit}", "Units that are, or may be, set aside at the provider and can not be used.");
        _allowed = meter.CreateCounter<long>("gateway.reservation.allowed", "{request}", "Requests served on allowance: nothing could be reserved.");
    }

    public long PoolCalls => Interlocked.Read(ref _poolCalls);

    public long ProviderCalls => Interlocked.Read(ref _providerCalls);

    public long FrozenUnits => Interlocked.Read(ref _frozenUnits);

    public long AllowedRequests => Interlocked.Read(ref _allowedRequests);

    /// <summary>Why the provider gave nothing the last time that it was asked; null: it decided.</summary>
    public string? ProviderTrouble => Volatile.Read(ref _providerTrouble);

    public void PoolCalled()
    {
        Interlocked.Increment(ref _poolCalls);
        _pool.Add(1);
    }

    public void Asked(MetricName metric, GrantResult answer, long units)
    {
        Interlocked.Increment(ref _providerCalls);
        _grants.Add(1, Label(metric), new KeyValuePair<string, object?>("gateway.outcome", answer.Outcome.ToString()));
        if (answer.Outcome == GrantOutcome.Granted) _granted.Add(units, Label(metric));
        Volatile.Write(ref _providerTrouble, answer.Outcome is GrantOutcome.Granted or GrantOutcome.NoFunds ? null : answer.Reason);
    }

    public void Leased(MetricName metric, long units) => _leased.Add(units, Label(metric));

    public void Returned(MetricName metric, long units) => _returned.Add(units, Label(metric));

    public void Expired(MetricName metric, long units) => _expired.Add(units, Label(metric));

    public void Frozen(MetricName metric, long units)
    {
        Interlocked.Add(ref _frozenUnits, units);
        _frozen.Add(units, Label(metric));
    }

    public void Allowed(MetricName metric)
    {
        Interlocked.Increment(ref _allowedRequests);
        _allowed.Add(1, Label(metric));
    }

    private static KeyValuePair<string, object?> Label(MetricName metric) => new("gateway.metric", metric.Value);
}
