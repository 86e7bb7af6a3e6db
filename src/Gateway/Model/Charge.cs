namespace Gateway.Model;

/// <summary>
/// What one request costs on one metric, out of one entitlement. A request dearer than its hold can have several charges on a metric.
/// </summary>
/// <param name="Metric">The metric, by its configured name.</param>
/// <param name="BillableMetricId">The metric as the provider knows it; kept here so that a later change of configuration changes no past charge.</param>
/// <param name="Entitlement">The entitlement that pays, or null when none covers it: such a charge is counted as <em>uncovered</em>.</param>
/// <param name="LeaseId">The lease the units came from, or <see cref="Guid.Empty"/> when uncovered.</param>
/// <param name="Units">Whole units, 0 or more. 0 charges nothing and makes no usage event, but still records the carry.</param>
/// <param name="Carry">The account's fraction after this charge.</param>
internal readonly record struct Charge(
    MetricName Metric, string BillableMetricId, EntitlementId? Entitlement, Guid LeaseId, long Units, CarryMark Carry)
{
    /// <summary>Millionths of a unit that the request was on this metric, before rounding; all of it is with the first of the metric's charges, the others have 0.</summary>
    public long Measured { get; init; }
}

/// <summary>An account's fraction of a unit, not yet charged.</summary>
/// <param name="MicroUnits">0 to 999,999 millionths of a unit; up to 1,999,998 between taking over another node's fraction and the next charge.</param>
/// <param name="Version">Grows by one with each change; of two marks of an account the higher version is the later one.</param>
internal readonly record struct CarryMark(int MicroUnits, long Version);
