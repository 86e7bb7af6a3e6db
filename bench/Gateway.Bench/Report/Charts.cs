using Gateway.Bench.Arms;
using Gateway.Bench.Measuring;

namespace Gateway.Bench.Report;

/// <summary>The pictures that reports have.</summary>
internal static class Charts
{
    /// <summary>For each arm the median, over its rounds, of each percentile.</summary>
    public static string LatencyByPercentile(string title, IReadOnlyList<Sample> samples)
    {
        var series = samples.GroupBy(s => s.Arm).OrderBy(arm => ArmCatalog.Rank(arm.Key)).Select(arm => new Series(
            arm.Key,
            [.. arm.First().Load.Curve.Where(p => p.Percentile < 100).Select(p => (p.Percentile, new Spread(arm.Select(s => s.Load.At(p.Percentile))).Median))])).ToList();
        return LogLatency(title, "percentile of requests", Scale.Percentiles(), series);
    }

    /// <summary>A line for each arm over the points of an axis.</summary>
    public static string ByPoint(string title, string across, string up, IReadOnlyList<string> points, IReadOnlyList<Sample> samples, Func<Sample, double> figure)
    {
        var series = samples.GroupBy(s => s.Arm).OrderBy(arm => ArmCatalog.Rank(arm.Key)).Select(arm => new Series(
            arm.Key, [.. points.Select((point, i) => ((double)i, new Spread(arm.Where(s => s.Point == point).Select(figure)).Median))])).ToList();
        return new LineChart(title, across, up, Scale.Named(points), Scale.Linear(Most(series))).Draw(series);
    }

    public static string OverTime(string title, string up, params IReadOnlyList<Series> series) =>
        new LineChart(title, "minutes", up, Scale.Linear(series.Max(s => s.Points.Count == 0 ? 1 : s.Points.Max(p => p.X))), Scale.Linear(Most(series))).Draw(series);

    private static string LogLatency(string title, string across, Scale x, List<Series> series)
    {
        var values = series.SelectMany(s => s.Points).Select(p => p.Y).Where(v => v > 0).DefaultIfEmpty(1).ToList();
        return new LineChart(title, across, "microseconds", x, Scale.Logarithmic(Math.Max(1, values.Min()), values.Max())).Draw(series);
    }

    private static double Most(IReadOnlyList<Series> series) => series.SelectMany(s => s.Points).Select(p => p.Y).Where(double.IsFinite).DefaultIfEmpty(1).Max();
}
