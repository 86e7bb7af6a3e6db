namespace Gateway.Shipping;

internal sealed class ShippingOptions
{
    /// <summary>Most usage events in one call, 1 to 1,000 (Paygentic's own limit). Default 1,000.</summary>
    public int MaxBatch { get; set; } = 1000;

    /// <summary>Milliseconds a usage event may wait for others to share its call, 0 to 60,000. Default 1,000.</summary>
    public int MaxDelayMilliseconds { get; set; } = 1000;

    /// <summary>Batches under way at the same time, 1 to 32. Default 4. Each takes up to 1 MB of memory.</summary>
    public int MaxInFlight { get; set; } = 4;

    /// <summary>
    /// <c>None</c>: every charge is a usage event. Or a window of 1 second to 1 hour, as in <c>10s</c>, <c>5m</c>, <c>1h</c>: the charges of one account
    /// and entitlement that fall into it become one event with their sum, sent when the window is over. <c>Reservations:ExpiryMarginSeconds</c> must be at least a minute longer.
    /// Default <c>None</c>.
    /// </summary>
    public AggregationWindow Aggregate { get; set; }
}
