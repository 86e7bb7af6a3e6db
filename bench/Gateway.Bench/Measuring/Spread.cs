namespace Gateway.Bench.Measuring;

/// <summary>Some values in order.</summary>
internal sealed class Spread(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Where(double.IsFinite).Order()];

    public bool IsEmpty => _sorted.Length == 0;

    public int Count => _sorted.Length;

    public double Median => Quantile(0.5);

    public double Least => Quantile(0);

    public double Most => Quantile(1);

    public double LowerQuartile => Quantile(0.25);

    public double UpperQuartile => Quantile(0.75);

    /// <summary>Between the two values it lies between, in proportion. NaN when there are none.</summary>
    public double Quantile(double share)
    {
        if (IsEmpty) return double.NaN;
        var at = share * (_sorted.Length - 1);
        var below = (int)at;
        return below + 1 < _sorted.Length ? _sorted[below] + ((at - below) * (_sorted[below + 1] - _sorted[below])) : _sorted[below];
    }
}
