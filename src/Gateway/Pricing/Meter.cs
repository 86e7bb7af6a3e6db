using Gateway.Pricing.Matching;

namespace Gateway.Pricing;

/// <summary>"On this route, when this holds, charge this metric from this source."</summary>
/// <param name="Index">Its place among the meters of its route, from 0.</param>
/// <param name="Metric">What is charged for.</param>
/// <param name="Source">How many units a request was.</param>
/// <param name="HoldUnits">Whole units set aside while the request runs, 1 or more.</param>
/// <param name="When">Charges only when this holds; null: no condition.</param>
/// <param name="Otherwise">Charges only when the condition of no other meter of the route held.</param>
internal sealed record Meter(int Index, Metric Metric, IMetricSource Source, long HoldUnits, Condition? When, bool Otherwise)
{
    public bool IsUnconditional => When is null && !Otherwise;
}
