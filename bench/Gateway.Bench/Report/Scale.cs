using System.Globalization;

namespace Gateway.Bench.Report;

/// <summary>Where on an axis a value lies, 0 to 1, and which values are written beside it.</summary>
internal sealed record Scale(Func<double, double> Place, IReadOnlyList<(double Value, string Label)> Ticks)
{
    private static readonly double[] Steps = [1, 2, 2.5, 5, 10];
    private const int WantedTicks = 5;

    /// <summary>From 0 to a round number.</summary>
    public static Scale Linear(double most)
    {
        most = most > 0 ? most : 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most / WantedTicks)));
        var step = Steps.Select(s => s * power).First(s => s * WantedTicks >= most);
        var end = step * Math.Ceiling(most / step);
        var ticks = new List<(double, string)>();
        for (var i = 0; i * step <= end * 1.0001; i++) ticks.Add((i * step, Short(i * step)));
        return new Scale(value => value / end, ticks);
    }

    /// <summary>Powers of ten.</summary>
    public static Scale Logarithmic(double least, double most)
    {
        var (from, to) = (Math.Floor(Math.Log10(least)), Math.Ceiling(Math.Log10(most)));
        if (to <= from) to = from + 1;
        var ticks = new List<(double, string)>();
        for (var power = from; power <= to; power++) ticks.Add((Math.Pow(10, power), Short(Math.Pow(10, power))));
        return new Scale(value => (Math.Log10(value) - from) / (to - from), ticks);
    }

    /// <summary>Each nine as far from the one before: the slow requests are what one wants to see.</summary>
    public static Scale Percentiles()
    {
        const double Nines = 4;
        double[] marked = [0, 50, 90, 99, 99.9, 99.99];
        return new Scale(
            percentile => Math.Min(Nines, -Math.Log10(Math.Max(1e-9, 1 - (percentile / 100)))) / Nines,
            [.. marked.Select(p => (p, string.Create(CultureInfo.InvariantCulture, $"{p}%")))]);
    }

    /// <summary>Points of an axis, evenly spread whatever they are.</summary>
    public static Scale Named(IReadOnlyList<string> names) => new(
        value => names.Count == 1 ? 0.5 : value / (names.Count - 1), [.. names.Select((name, i) => ((double)i, name))]);

    private static string Short(double value) => value switch
    {
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };
}
