using System.Globalization;

namespace Gateway.Torture.Streams;

/// <summary>How a figure is spread over the streams.</summary>
internal sealed class Spread
{
    private readonly List<double> _seconds = [];

    public void Add(double seconds) => _seconds.Add(seconds);

    public override string ToString()
    {
        if (_seconds.Count == 0) return "none";
        _seconds.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5):F0} ms, p99 {At(0.99):F0} ms, most {At(1):F0} ms");
    }

    private double At(double share) => _seconds[(int)Math.Min(_seconds.Count - 1, share * _seconds.Count)] * 1000;
}
