namespace Gateway.Pricing;

/// <summary>How a fraction of a unit becomes whole units.</summary>
internal enum Rounding
{
    /// <summary>Each request is rounded up by itself.</summary>
    Ceiling,

    /// <summary>The fraction is carried to the account's next charge, so that a total is never off by more than one unit.</summary>
    Carry,
}

internal sealed class MetricOptions
{
    /// <summary>The billable metric at Paygentic, <c>bm_…</c>.</summary>
    public string BillableMetricId { get; set; } = "";

    /// <summary>What one unit is called, for people: <c>submission</c>, <c>second</c>. Default <c>unit</c>.</summary>
    public string Unit { get; set; } = "unit";

    /// <summary>Default <c>Ceiling</c>.</summary>
    public Rounding Rounding { get; set; } = Rounding.Ceiling;
}
