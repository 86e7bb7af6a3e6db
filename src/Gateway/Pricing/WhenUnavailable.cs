namespace Gateway.Pricing;

/// <summary>What becomes of a metered request that billing cannot decide about.</summary>
internal enum WhenUnavailable
{
    /// <summary>It is refused with 503.</summary>
    Deny,

    /// <summary>It is served, up to the route's allowance, and charged afterwards.</summary>
    Allow,
}
