using System.Globalization;

namespace Gateway.Bench.Measuring;

/// <summary>How a figure changes over time, by least squares.</summary>
/// <param name="PerMinute">NaN with fewer than three points.</param>
/// <param name="Error">Its standard error: a slope of less than twice that is none that could be told from chance.</param>
internal readonly record struct Slope(double PerMinute, double Error)
{
    public static Slope Of(IReadOnlyList<(double Minute, double Figure)> points)
    {
        if (points.Count < 3) return new Slope(double.NaN, double.NaN);
        var (x, y) = (points.Average(p => p.Minute), points.Average(p => p.Figure));
        var spread = points.Sum(p => (p.Minute - x) * (p.Minute - x));
        var slope = points.Sum(p => (p.Minute - x) * (p.Figure - y)) / spread;
        var left = points.Sum(p => Math.Pow(p.Figure - y - (slope * (p.Minute - x)), 2));
        return new Slope(slope, Math.Sqrt(left / (points.Count - 2) / spread));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerMinute:+0.00;-0.00;0} ± {Error:0.00}");
}
