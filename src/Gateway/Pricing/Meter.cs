using System.Collections.Immutable;
using Gateway.Model;
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
    /// <summary>What each way of ending costs on this meter.</summary>
    public BillablePolicy Billable { get; init; } = BillablePolicy.Default;

    /// <summary>Whole units charged when the source does not say; null: as many as were held.</summary>
    public long? IfMissing { get; init; }

    /// <summary>The job whose result this meter charges, once; null: it charges each request.</summary>
    public JobMeter? Job { get; init; }

    public bool IsUnconditional => When is null && !Otherwise;

    public static bool AnyGrows(ImmutableArray<Meter> meters)
    {
        foreach (var meter in meters)
        {
            if (meter.Source.Grows) return true;
        }

        return false;
    }

    /// <summary>Whether a request that ended so costs anything.</summary>
    public static bool AnyCosts(ImmutableArray<Meter> meters, Outcome outcome, int? status)
    {
        foreach (var meter in meters)
        {
            if (meter.Billable.ShareOf(outcome, status) != Share.Nothing) return true;
        }

        return false;
    }

    /// <summary>Millionths of a unit that a request cost which ended so.</summary>
    public long MicroUnits(in Measurement measured, Share share)
    {
        if (share == Share.Nothing || (share == Share.Measured && !Source.Grows)) return 0;
        return Source.MicroUnits(measured) ?? (IfMissing ?? HoldUnits) * MicroUnit.PerUnit;
    }
}
