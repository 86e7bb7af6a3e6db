using HdrHistogram;

namespace Gateway.Bench.Load;

/// <summary>Latencies of many threads, to three digits.</summary>
internal sealed class Latencies
{
    private const long Longest = 300_000_000_000; // nanoseconds
    private static readonly double[] Charted = [0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100];
    private readonly LongConcurrentHistogram _nanoseconds = new(1, Longest, 3);

    public long Count => _nanoseconds.TotalCount;

    public void Record(long nanoseconds) => _nanoseconds.RecordValue(Math.Clamp(nanoseconds, 1, Longest));

    /// <summary>In microseconds; NaN when there is none.</summary>
    public double At(double percentile) => Count == 0 ? double.NaN : _nanoseconds.GetValueAtPercentile(percentile) / 1000.0;

    /// <summary>Percentiles and microseconds, for a picture.</summary>
    public IReadOnlyList<(double Percentile, double Microseconds)> Curve() => [.. Charted.Select(p => (p, At(p)))];
}
