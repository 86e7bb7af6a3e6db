using System.Globalization;

namespace Gateway.Torture.Streams;

/// <summary>How a figure is spread over the streams.</summary>
internal sealed class Spread
{
    private readonly List<double> _seconds = [];

    public void Add(double seconds) => _seconds.Add(seconds);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5) * 1000:F0} ms, p99 {At(0.99) * 1000:F0} ms, most {At(1) * 1000:F0} ms");

    /// <summary>Seconds that so large a share of them does not exceed.</summary>
    public double At(double share)
    {
        if (_seconds.Count == 0) return 0;
        _seconds.Sort();
        return _seconds[(int)Math.Min(_seconds.Count - 1, share * _seconds.Count)];
    }
}
