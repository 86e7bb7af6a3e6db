using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Pricing;

/// <summary>What each route costs: immutable, replaced as a whole when the configuration changes.</summary>
internal sealed class MeterCatalog
{
    private readonly Dictionary<string, RouteRule> _byRoute; // a frozen one looks at twice as many lines of memory, and with thousands of routes each is in no cache

    public MeterCatalog(ImmutableArray<RouteRule> rules, ImmutableArray<Metric> metrics)
    {
        Rules = rules;
        Metrics = metrics;
        _byRoute = rules.ToDictionary(r => r.RouteId, StringComparer.OrdinalIgnoreCase); // as configuration keys compare
    }

    public ImmutableArray<RouteRule> Rules { get; }

    public ImmutableArray<Metric> Metrics { get; }

    public bool TryGet(string routeId, [NotNullWhen(true)] out RouteRule? rule) => _byRoute.TryGetValue(routeId, out rule);
}
