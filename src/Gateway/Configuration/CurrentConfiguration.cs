using System.Diagnostics.CodeAnalysis;
using Gateway.Pricing;

namespace Gateway.Configuration;

/// <summary>The configuration in force. Read it once per request.</summary>
internal sealed class CurrentConfiguration
{
    private volatile Generation? _generation;

    public CurrentConfiguration()
    {
    }

    public CurrentConfiguration(GatewaySnapshot snapshot) => Swap(snapshot);

    public GatewaySnapshot Snapshot => _generation?.Current ?? throw new InvalidOperationException("No configuration has been loaded yet.");

    public bool IsLoaded => _generation is not null;

    /// <summary>
    /// The rule of a route. A reload takes effect here before it does in YARP, so a request that YARP's old table has routed may name a route
    /// that is gone from the current rules: the previous ones still answer for it.
    /// </summary>
    public bool TryGetRule(string routeId, [NotNullWhen(true)] out RouteRule? rule)
    {
        rule = null;
        return _generation is { } seen
            && (seen.Current.Catalog.TryGet(routeId, out rule) || (seen.Previous?.Catalog.TryGet(routeId, out rule) ?? false));
    }

    public void Swap(GatewaySnapshot next) => _generation = new Generation(next, _generation?.Current);

    private sealed record Generation(GatewaySnapshot Current, GatewaySnapshot? Previous);
}
