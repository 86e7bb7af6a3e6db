using System.Globalization;
using Gateway.Bench.Measuring;

namespace Gateway.Bench.Report;

/// <summary>How figures are written.</summary>
internal static class Figures
{
    public const string None = "–";

    /// <summary>Three digits that mean something, thousands apart.</summary>
    public static string Of(double value) =>
        !double.IsFinite(value) ? None
        : Math.Abs(value) switch
        {
            0 => "0",
            >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
            >= 10 => value.ToString("N1", CultureInfo.InvariantCulture),
            >= 0.01 => value.ToString("N2", CultureInfo.InvariantCulture),
            _ => value.ToString("G2", CultureInfo.InvariantCulture),
        };

    /// <summary>Median, and what the middle half lies between.</summary>
    public static string WithQuartiles(Spread spread) => spread.IsEmpty ? None : $"{Of(spread.Median)} ({Of(spread.LowerQuartile)}–{Of(spread.UpperQuartile)})";

    /// <summary>Median, least and most.</summary>
    public static string WithRange(Spread spread) => spread.IsEmpty ? None : $"{Of(spread.Median)} ({Of(spread.Least)}–{Of(spread.Most)})";

    public static string Median(IEnumerable<Sample> samples, Func<Sample, double> figure) => Of(new Spread(samples.Select(figure)).Median);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
