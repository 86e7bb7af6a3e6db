namespace Gateway.Pricing.Sources;

/// <summary>Every source a meter can name. A new one is a class in this folder and a line here.</summary>
internal static class MetricSources
{
    public static IMetricSource Requests { get; } = new RequestCount();

    public static IReadOnlyList<IMetricSource> All { get; } = [Requests, new UpstreamSeconds(), new UpstreamMilliseconds()];
}
