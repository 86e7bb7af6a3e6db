using System.Diagnostics.Metrics;
using Gateway.Model;

namespace Gateway.Shipping;

/// <summary>How usage gets to the provider. Counted since start.</summary>
internal sealed class ShippingMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _quarantined;
    private readonly Counter<long> _deferred;
    private long _acceptedCount;
    private long _quarantinedCount;

    public ShippingMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(GatewayMeter.Name);
        _accepted = meter.CreateCounter<long>("gateway.shipping.accepted", "{event}", "Usage events the provider accepted.");
        _quarantined = meter.CreateCounter<long>("gateway.shipping.quarantined", "{event}", "Usage events the provider refused for good.");
        _deferred = meter.CreateCounter<long>("gateway.shipping.deferred", "{event}", "Usage events put off because the provider decided others but not them.");
    }

    public long AcceptedCount => Interlocked.Read(ref _acceptedCount);

    public long QuarantinedCount => Interlocked.Read(ref _quarantinedCount);

    public void Accepted(int events)
    {
        Interlocked.Add(ref _acceptedCount, events);
        _accepted.Add(events);
    }

    public void Quarantined()
    {
        Interlocked.Increment(ref _quarantinedCount);
        _quarantined.Add(1);
    }

    public void Deferred(int events) => _deferred.Add(events);
}
