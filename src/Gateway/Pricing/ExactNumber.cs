using System.Globalization;

namespace Gateway.Pricing;

/// <summary>
/// A number of JSON without rounding: 73, 73.0 and 7.3e1 are equal, 73.00000000000000000001 is another.
/// </summary>
/// <param name="Negative">Never for zero.</param>
/// <param name="Digits">Significant digits, neither starting nor ending in 0; empty for zero.</param>
/// <param name="Exponent">The power of ten of the last digit; 0 for zero.</param>
internal readonly record struct ExactNumber(bool Negative, string Digits, long Exponent)
{
    public bool IsInteger => Exponent >= 0;

    /// <summary>False for what is no number by JSON's grammar, or has an exponent beyond any use.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ExactNumber number)
    {
        number = default;
        var negative = text is ['-', ..];
        var rest = negative ? text[1..] : text;

        var whole = TakeDigits(ref rest);
        if (whole.Length == 0 || (whole.Length > 1 && whole[0] == '0')) return false;

        var fraction = ReadOnlySpan<char>.Empty;
        if (rest is ['.', ..])
        {
            rest = rest[1..];
            fraction = TakeDigits(ref rest);
            if (fraction.Length == 0) return false;
        }

        var exponent = 0;
        if (rest is ['e' or 'E', ..] && !TryTakeExponent(ref rest, out exponent)) return false;
        if (rest.Length > 0) return false;

        number = Normalise(negative, whole, fraction, exponent);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, without an exponent: what every reader of a number in a string takes for the same number.</summary>
    public static bool TryParsePlain(ReadOnlySpan<char> text, out ExactNumber number)
    {
        number = default;
        return !text.ContainsAny('e', 'E') && TryParse(text, out number);
    }

    private static ExactNumber Normalise(bool negative, ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, long exponent)
    {
        var digits = string.Concat(whole, fraction).AsSpan().TrimStart('0');
        var significant = digits.TrimEnd('0');
        return significant.Length == 0
            ? new ExactNumber(false, "", 0)
            : new ExactNumber(negative, significant.ToString(), exponent - fraction.Length + (digits.Length - significant.Length));
    }

    private static ReadOnlySpan<char> TakeDigits(scoped ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? rest : rest[..end];
        rest = rest[digits.Length..];
        return digits;
    }

    private static bool TryTakeExponent(ref ReadOnlySpan<char> rest, out int exponent)
    {
        rest = rest[1..];
        var sign = rest is ['+' or '-', ..] ? rest[..1] : [];
        rest = rest[sign.Length..];
        var digits = TakeDigits(ref rest);
        var valid = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out exponent);
        if (sign is ['-']) exponent = -exponent;
        return valid;
    }
}
