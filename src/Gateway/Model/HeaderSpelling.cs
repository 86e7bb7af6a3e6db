using System.Collections.Immutable;

namespace Gateway.Model;

/// <summary>
/// Many servers hand headers to an application as CGI variables, where <c>_</c> and <c>-</c> are the same; Puma before 5.6.9 and 6.4.3 even reads a body's length so.
/// A name under which they would find another header than the gateway is refused.
/// </summary>
internal static class HeaderSpelling
{
    private const string Ambiguous = "A header's name has '_' where it would be another header with '-', and is that one to some servers.";

    // What says where a body ends and what it is.
    private static readonly ImmutableArray<string> Framing = ["Content-", "Transfer-Encoding"];

    /// <summary>Null: it is no other name to anybody, or to nobody whom it could mislead.</summary>
    public static string? WhyAmbiguous(string name, IHeaderDictionary all)
    {
        if (!name.Contains('_', StringComparison.Ordinal)) return null;
        var meant = name.Replace('_', '-');
        return all.ContainsKey(meant) || Framing.Any(f => meant.StartsWith(f, StringComparison.OrdinalIgnoreCase)) ? Ambiguous : null;
    }

    /// <summary>Whether a name, which is at least as long, begins with another in any spelling.</summary>
    public static bool Begins(string name, string of)
    {
        for (var i = 0; i < of.Length; i++)
        {
            var isSame = name[i] == of[i] || ((name[i] ^ of[i]) == 0x20 && char.IsAsciiLetter(of[i])) || (of[i] == '-' && name[i] == '_');
            if (!isSame) return false;
        }

        return true;
    }

    /// <summary>The other spellings of a name, as far as there are not too many.</summary>
    public static ImmutableArray<string> Others(string name)
    {
        const int most = 5;
        var places = Enumerable.Range(0, name.Length).Where(i => name[i] is '-' or '_').ToArray();
        if (places.Length > most) return [.. new[] { name.Replace('-', '_'), name.Replace('_', '-') }.Where(n => n != name)];
        return [.. Enumerable.Range(0, 1 << places.Length).Select(bits => Spelt(name, places, bits)).Where(n => n != name)];
    }

    private static string Spelt(string name, int[] places, int underscores)
    {
        var text = name.ToCharArray();
        for (var i = 0; i < places.Length; i++) text[places[i]] = (underscores & (1 << i)) == 0 ? '-' : '_';
        return new string(text);
    }
}
