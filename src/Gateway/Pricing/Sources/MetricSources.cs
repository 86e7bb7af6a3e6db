namespace Gateway.Pricing.Sources;

/// <summary>Every source a meter can name. A new one is a class in this folder, a line here and one where the configuration is read.</summary>
internal static class MetricSources
{
    public static IMetricSource Requests { get; } = new RequestCount();

    /// <summary>In the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        Requests.Name, nameof(UpstreamSeconds), nameof(UpstreamMilliseconds), nameof(ResponseHeader), nameof(ResponseJson), nameof(RequestJson),
        nameof(RequestBytes), nameof(ResponseBytes), nameof(Constant),
    ];
}
