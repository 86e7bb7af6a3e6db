using System.Globalization;

namespace Gateway.Shipping;

/// <summary>What charges are summed over before they are reported: nothing, or 1 second to 1 hour.</summary>
/// <param name="Seconds">0 to 3,600; 0: every charge is reported by itself.</param>
internal readonly record struct AggregationWindow(int Seconds)
{
    private const int MostSeconds = 3_600;

    public static AggregationWindow None => default;

    public bool IsNone => Seconds == 0;

    public TimeSpan Length => TimeSpan.FromSeconds(Seconds);

    /// <summary><c>None</c>, or a whole number of seconds, minutes or hours: <c>10s</c>, <c>5m</c>, <c>1h</c>.</summary>
    public static bool TryParse(string text, out AggregationWindow window)
    {
        window = None;
        if (text.Equals(nameof(None), StringComparison.OrdinalIgnoreCase)) return true;
        var unit = text.Length < 2 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, _ => 0 };
        if (unit == 0 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;
        window = new AggregationWindow((int)Math.Min((long)count * unit, MostSeconds + 1));
        return window.Seconds is > 0 and <= MostSeconds;
    }

    public override string ToString() => IsNone ? nameof(None) : string.Create(CultureInfo.InvariantCulture, $"{Seconds}s");
}
