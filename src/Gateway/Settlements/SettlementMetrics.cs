using System.Diagnostics.Metrics;
using Gateway.Model;

namespace Gateway.Settlements;

/// <summary>What was charged, by metric. Never by customer or key: those series have no bound.</summary>
internal sealed class SettlementMetrics(IMeterFactory factory)
{
    private readonly Counter<long> _units = factory.Create(GatewayMeter.Name)
        .CreateCounter<long>("gateway.settlement.units", "{unit}", "Units charged.");

    private readonly Counter<long> _uncovered = factory.Create(GatewayMeter.Name)
        .CreateCounter<long>("gateway.settlement.uncovered", "{unit}", "Units charged that no entitlement covered.");

    public void Settled(List<Taking> takings)
    {
        if (!_units.Enabled && !_uncovered.Enabled) return;
        foreach (var taking in takings)
        {
            var metric = new KeyValuePair<string, object?>("gateway.metric", taking.Meter.Metric.Name.Value);
            _units.Add(taking.Charged, metric);
            if (taking is { IsUncovered: true, Charged: > 0 }) _uncovered.Add(taking.Charged, metric);
        }
    }
}
