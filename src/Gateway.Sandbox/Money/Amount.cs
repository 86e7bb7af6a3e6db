using System.Globalization;

namespace Gateway.Sandbox.Money;

/// <summary>Money as a whole number of atomic units, a thousand million to the dollar. Never a floating point number.</summary>
internal static class Amount
{
    public const int Decimals = 9;
    private const int MaxWholeDigits = 9; // a thousand million dollars fit into 64 bits, with room for sums

    /// <summary>Reads a decimal string such as <c>0.001</c>: digits, at most nine decimals, no sign, no exponent.</summary>
    public static bool TryParse(string? text, out long atomic)
    {
        atomic = 0;
        if (string.IsNullOrEmpty(text)) return false;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? text : text[..dot];
        var fraction = dot < 0 ? "" : text[(dot + 1)..];
        if (whole.Length is 0 or > MaxWholeDigits || (dot >= 0 && fraction.Length is 0 or > Decimals)) return false;
        return long.TryParse(whole + fraction.PadRight(Decimals, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out atomic);
    }

    public static long Parse(string text) =>
        TryParse(text, out var atomic) ? atomic : throw new FormatException($"'{text}' is not an amount such as 0.001.");

    /// <summary>For people: dollars with two to nine decimals.</summary>
    public static string ToDollars(long atomic)
    {
        var fraction = (atomic % 1_000_000_000).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0').PadRight(2, '0');
        return string.Create(CultureInfo.InvariantCulture, $"{atomic / 1_000_000_000}.{fraction}");
    }

    public static string ToAtomicText(long atomic) => atomic.ToString(CultureInfo.InvariantCulture);

    public static long Times(long price, long quantity) => checked((long)((Int128)price * quantity));
}
