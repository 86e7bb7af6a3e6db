using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Cli.Explain;

/// <summary>The charges that a settlement has of one meter: what was measured once may be paid by several leases.</summary>
/// <param name="First">The first one's place among the settlement's charges.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct MeasuredRun(MetricName Metric, string BillableMetricId, int First, int Count, long Measured, long Units, CarryMark Carry)
{
    /// <summary>Whether a fraction is carried on the metric.</summary>
    public bool IsCarried => Carry.Version > 0;

    /// <summary>
    /// The account's fraction before: what was charged and what is left came of it and of what was measured. Null where none is carried, and where the
    /// charge was capped, so that it can not be told.
    /// </summary>
    public long? CarryBefore =>
        IsCarried && (Units * MicroUnit.PerUnit) + Carry.MicroUnits - Measured is >= 0 and < 2 * MicroUnit.PerUnit and var before ? before : null;

    public static List<MeasuredRun> Of(in Settlement settlement)
    {
        var runs = new List<MeasuredRun>();
        for (var i = 0; i < settlement.Charges.Length; i++)
        {
            var charge = settlement.Charges.Span[i];
            if (runs is [.., var last] && last.Metric == charge.Metric && last.Carry == charge.Carry && charge.Measured == 0)
                runs[^1] = last with { Count = last.Count + 1, Units = last.Units + charge.Units };
            else
                runs.Add(new MeasuredRun(charge.Metric, charge.BillableMetricId, i, 1, charge.Measured, charge.Units, charge.Carry));
        }

        return runs;
    }
}
