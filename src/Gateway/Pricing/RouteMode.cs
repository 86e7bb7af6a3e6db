namespace Gateway.Pricing;

/// <summary>Whether what is decided of a route's requests is done.</summary>
internal enum RouteMode
{
    /// <summary>Who may not is refused, who may is charged.</summary>
    Enforce,

    /// <summary>
    /// Nobody is refused and nobody is charged. Everything is decided as if, counted and journaled, against accounts of its own: money is set aside for
    /// them at Paygentic as it would be, and goes back to the wallet when its entitlement ends.
    /// </summary>
    Shadow,
}
