using System.Buffers;

namespace Gateway.Pricing.Matching;

/// <summary>
/// Where readers of queries disagree on which parameter is there: Rack reads <c>;</c> as <c>&amp;</c>, Rack and PHP take brackets and spaces off a name, PHP turns dots and spaces into
/// <c>_</c>, and letter case is nothing to .NET and something to all others.
/// </summary>
internal static class QuerySpelling
{
    // Without any of these a name is spelt as it is, but for its letter case.
    private static readonly SearchValues<char> Odd = SearchValues.Create(";[]%+. ");

    /// <summary>Whether a parameter is there that is <paramref name="name"/> to some. Does not allocate where the query has nothing odd.</summary>
    public static bool IsUnclear(ReadOnlySpan<char> query, string name)
    {
        if (query is ['?', ..]) query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var isOdd = parameter.ContainsAny(Odd);
            if (isOdd ? IsOddlySpelt(parameter, name) : NameOf(parameter) is var plain && plain.Equals(name, StringComparison.OrdinalIgnoreCase) && !plain.SequenceEqual(name))
                return true;
        }

        return false;
    }

    /// <summary>Whether a parameter is there that is <paramref name="name"/> to some, or something in it: <c>name[][x]</c>.</summary>
    public static bool Has(ReadOnlySpan<char> query, string name)
    {
        if (query is ['?', ..]) query = query[1..];
        foreach (var range in query.SplitAny('&', ';'))
        {
            var outermost = Decoded(query[range]).TrimStart('[', ']', ' ').Split('[', ']')[0];
            if (outermost.Length > 0 && Folded(outermost).Equals(Folded(name), StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static bool IsOddlySpelt(ReadOnlySpan<char> parameter, string name)
    {
        var isSplit = parameter.Contains(';');
        foreach (var range in parameter.Split(';'))
        {
            var spelt = Decoded(parameter[range]);
            if (Folded(spelt).Equals(Folded(name), StringComparison.OrdinalIgnoreCase) && (isSplit || spelt != name)) return true;
        }

        return false;
    }

    private static string Decoded(ReadOnlySpan<char> parameter) => Uri.UnescapeDataString(NameOf(parameter).ToString().Replace('+', ' '));

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> parameter) => parameter.IndexOf('=') is >= 0 and var end ? parameter[..end] : parameter;

    private static string Folded(string name) => name.Trim('[', ']', ' ').Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('.', '_').Replace(' ', '_');
}
