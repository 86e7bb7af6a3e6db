namespace Gateway.Shipping;

internal sealed class ShippingOptions
{
    /// <summary>Most usage events in one call, 1 to 1,000 (Paygentic's own limit). Default 1,000.</summary>
    public int MaxBatch { get; set; } = 1000;

    /// <summary>Milliseconds a usage event may wait for others to share its call, 0 to 60,000. Default 1,000.</summary>
    public int MaxDelayMilliseconds { get; set; } = 1000;
}
