using System.Globalization;

namespace Gateway.Pricing;

/// <summary>Millionths of a unit: what fractions are counted in.</summary>
internal static class MicroUnit
{
    public const long PerUnit = 1_000_000;

    /// <summary>More than anybody can mean by one request, and small enough that no sum of it overflows.</summary>
    public const long MostUnits = 1_000_000_000;

    private const long MostCounted = 9_000_000_000_000;

    public static long Ceiling(long microUnits) => (microUnits / PerUnit) + (microUnits % PerUnit > 0 ? 1 : 0);

    /// <summary>The end of a sentence about a quantity that is multiplied.</summary>
    public static string Times(decimal multiply) => multiply == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", times {multiply}");

    /// <summary>Units without an end of zeros: <c>0.25</c>.</summary>
    public static string Text(long microUnits) => ((decimal)microUnits / PerUnit).ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>A decimal number times a factor, exactly; less than a millionth is the customer's gain. Null for anything else, below 0 or beyond <see cref="MostUnits"/>.</summary>
    public static long? Parse(string? text, decimal multiply) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
        && value is >= 0 and <= MostUnits
            ? Of(value, multiply)
            : null;

    /// <summary>What was counted here and not told by anybody: it goes on counting, until a sum with a fraction that was carried could overflow.</summary>
    /// <param name="value">From 0 to 10^18.</param>
    /// <param name="multiply">From 10^-9 to 10^6.</param>
    public static long OfCounted(decimal value, decimal multiply) => (long)(Math.Min(value * multiply, MostCounted) * PerUnit);

    /// <param name="value">From 0 to 10^18.</param>
    /// <param name="multiply">From 10^-9 to 10^6.</param>
    public static long? Of(decimal value, decimal multiply)
    {
        var units = value * multiply;
        return units <= MostUnits ? (long)(units * PerUnit) : null;
    }
}
