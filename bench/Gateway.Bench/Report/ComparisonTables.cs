using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Measuring;

namespace Gateway.Bench.Report;

/// <summary>The tables of interleaved runs: medians over the rounds, and ratios paired within each round.</summary>
internal static class ComparisonTables
{
    /// <summary>Throughput and latency, with the ratio to the control.</summary>
    public static TextTable Speed(IReadOnlyList<Sample> samples)
    {
        var table = new TextTable("arm", "requests/s (quartiles)", $"× {ArmCatalog.Control} (range)", "rounds won", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs");
        var control = samples.Where(s => s.Arm == ArmCatalog.Control).ToList();
        foreach (var arm in InOrder(samples))
        {
            var paired = arm.Key == ArmCatalog.Control ? null : Paired.Of(arm, control, s => s.PerSecond);
            table.Add(
                arm.Key, Figures.WithQuartiles(new Spread(arm.Select(s => s.PerSecond))), paired is null ? Figures.None : Figures.WithRange(paired.Ratios), Won(paired),
                Figures.Median(arm, s => s.Load.At(50)), Figures.Median(arm, s => s.Load.At(90)), Figures.Median(arm, s => s.Load.At(99)), Figures.Median(arm, s => s.Load.At(99.9)));
        }

        return table;
    }

    /// <summary>What a request takes.</summary>
    public static TextTable Cost(IReadOnlyList<Sample> samples)
    {
        var table = new TextTable(
            "per request", "CPU µs (user + system)", "Redis CPU µs", "Paygentic CPU µs", "RSS MB", "allocated B", "GCs/1,000", "GC pause µs", "JIT µs", "Paygentic calls/1,000", "Redis calls/1,000", "journal B");
        foreach (var arm in InOrder(samples))
        {
            var hasProcess = arm.Any(s => s.ResidentMegabytes > 0);
            table.Add(
                arm.Key,
                hasProcess ? $"{Figures.Median(arm, s => s.ProxyCpu.Total)} ({Figures.Median(arm, s => s.ProxyCpu.User)} + {Figures.Median(arm, s => s.ProxyCpu.System)})" : Figures.None,
                OrNone(arm, s => s.RedisCpu), OrNone(arm, s => s.BillingCpu), OrNone(arm, s => s.ResidentMegabytes),
                Figures.Median(arm, s => s.AllocatedBytes), Figures.Median(arm, s => s.Collections), Figures.Median(arm, s => s.PauseMicroseconds), Figures.Median(arm, s => s.CompilerMicroseconds),
                Figures.Median(arm, s => s.PaygenticCalls), Figures.Median(arm, s => s.RedisCalls), Figures.Median(arm, s => s.JournalBytes));
        }

        return table;
    }

    /// <summary>Each point of an axis against the first one, and against the control at the same point where that was measured too.</summary>
    public static TextTable Axis(string axis, IReadOnlyList<string> points, IReadOnlyList<Sample> samples)
    {
        var table = new TextTable(
            axis, "arm", "requests/s (quartiles)", $"× {points[0]} (range)", $"× {ArmCatalog.Control} (range)", "p50 µs", "p99 µs", "CPU µs", "RSS MB", "allocated B", "Redis calls/1,000", "Paygentic calls/1,000");
        foreach (var point in points)
        {
            var control = samples.Where(s => s.Point == point && s.Arm == ArmCatalog.Control).ToList();
            foreach (var arm in InOrder(samples.Where(s => s.Point == point)))
            {
                var toFirst = point == points[0] ? null : Paired.Of(arm, samples.Where(s => s.Point == points[0] && s.Arm == arm.Key), s => s.PerSecond);
                var toControl = arm.Key == ArmCatalog.Control ? null : Paired.Of(arm, control, s => s.PerSecond);
                table.Add(
                    point, arm.Key, Figures.WithQuartiles(new Spread(arm.Select(s => s.PerSecond))), toFirst is null ? Figures.None : Figures.WithRange(toFirst.Ratios),
                    toControl is null ? Figures.None : Figures.WithRange(toControl.Ratios), Figures.Median(arm, s => s.Load.At(50)), Figures.Median(arm, s => s.Load.At(99)),
                    Figures.Median(arm, s => s.ProxyCpu.Total), Figures.Median(arm, s => s.ResidentMegabytes), Figures.Median(arm, s => s.AllocatedBytes),
                    Figures.Median(arm, s => s.RedisCalls), Figures.Median(arm, s => s.PaygenticCalls));
            }
        }

        return table;
    }

    /// <summary>At a steady rate: how much later answers are than the control's.</summary>
    public static TextTable Added(IReadOnlyList<Sample> samples)
    {
        var table = new TextTable("arm", "p50 µs (quartiles)", "p99 µs (quartiles)", "p99.9 µs", "added p50 µs (range)", "added p99 µs (range)", "CPU µs", "generator late, p99 µs");
        var control = samples.Where(s => s.Arm == ArmCatalog.Control).ToList();
        foreach (var arm in InOrder(samples))
        {
            var (median, tail) = arm.Key == ArmCatalog.Control ? (null, null) : (Paired.Of(arm, control, s => s.Load.At(50)), Paired.Of(arm, control, s => s.Load.At(99)));
            table.Add(
                arm.Key, Figures.WithQuartiles(new Spread(arm.Select(s => s.Load.At(50)))), Figures.WithQuartiles(new Spread(arm.Select(s => s.Load.At(99)))),
                Figures.Median(arm, s => s.Load.At(99.9)), median is null ? Figures.None : Figures.WithRange(median.Differences), tail is null ? Figures.None : Figures.WithRange(tail.Differences),
                Figures.Median(arm, s => s.ProxyCpu.Total), Figures.Median(arm, s => s.Load.GeneratorLateness ?? double.NaN));
        }

        return table;
    }

    private static IEnumerable<IGrouping<string, Sample>> InOrder(IEnumerable<Sample> samples) => samples.OrderBy(s => s.Round).GroupBy(s => s.Arm).OrderBy(g => ArmCatalog.Rank(g.Key)).ThenBy(g => g.Key, StringComparer.Ordinal);

    private static string Won(Paired? paired) => paired is null ? Figures.None : string.Create(CultureInfo.InvariantCulture, $"{paired.Higher} of {paired.Ratios.Count}");

    private static string OrNone(IEnumerable<Sample> samples, Func<Sample, double> figure)
    {
        var median = new Spread(samples.Select(figure)).Median;
        return median > 0 ? Figures.Of(median) : Figures.None;
    }
}
