namespace Gateway.Sandbox.Usage;

/// <summary>What one customer used of one metric. Changed under the customer's lock.</summary>
internal sealed class MetricTotal
{
    public long Events { get; set; }

    public long Quantity { get; set; }

    /// <summary>Atomic units.</summary>
    public long Charged { get; set; }

    public long FromEntitlements { get; set; }

    public long WithoutEntitlement { get; set; }
}
