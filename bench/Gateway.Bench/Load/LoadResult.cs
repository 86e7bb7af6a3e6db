namespace Gateway.Bench.Load;

/// <param name="Requests">Answered, all of them 2xx.</param>
/// <param name="Curve">Latency by percentile, in microseconds.</param>
internal sealed record LoadResult(long Requests, TimeSpan Took, IReadOnlyList<(double Percentile, double Microseconds)> Curve)
{
    public double PerSecond => Requests / Took.TotalSeconds;

    /// <summary>Of the open-loop generator: how late it was by itself, and not because every connection was waiting for the target; 99th percentile, in microseconds; null for closed loops, which can not be late.</summary>
    public double? GeneratorLateness { get; init; }

    public double At(double percentile) => Curve.Where(point => point.Percentile <= percentile).Last().Microseconds;

    public static LoadResult Of(Latencies latencies, TimeSpan took) => new(latencies.Count, took, latencies.Curve());
}
