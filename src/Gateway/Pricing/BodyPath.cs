using System.Buffers;
using System.Text;

namespace Gateway.Pricing;

/// <summary>
/// Reads <c>$.a.b</c> and <c>$['odd name'].b</c>: the names of properties from the root of a JSON document. Array elements cannot be named:
/// what one element of a list costs would be a guess about the rest.
/// </summary>
internal static class BodyPath
{
    public const string Form = "write '$.name', '$.outer.inner' or \"$['odd name']\" (property names only)";

    private static readonly SearchValues<char> NotPlain = SearchValues.Create(" \t\r\n]'\"*?@");

    public static bool TryParse(string path, out List<string> names)
    {
        names = [];
        if (path is not ['$', .. var rest]) return false;

        while (rest.Length > 0)
        {
            if (!(rest[0] == '.' ? TryReadPlain(ref rest, out var name) : TryReadQuoted(ref rest, out name))) return false;
            names.Add(name);
        }
        return names.Count > 0;
    }

    private static bool TryReadPlain(ref string rest, out string name)
    {
        var end = rest.AsSpan(1).IndexOfAny('.', '[');
        name = end < 0 ? rest[1..] : rest[1..(end + 1)];
        rest = end < 0 ? "" : rest[(end + 1)..];
        return name.Length > 0 && !name.AsSpan().ContainsAny(NotPlain);
    }

    private static bool TryReadQuoted(ref string rest, out string name)
    {
        var read = new StringBuilder();
        name = "";
        if (!rest.StartsWith("['", StringComparison.Ordinal)) return false;

        for (var i = 2; i < rest.Length; i++)
        {
            if (rest[i] == '\\' && i + 1 < rest.Length && rest[i + 1] is '\\' or '\'')
            {
                read.Append(rest[++i]);
            }
            else if (rest[i] == '\'')
            {
                if (i + 1 >= rest.Length || rest[i + 1] != ']') return false;
                name = read.ToString();
                rest = rest[(i + 2)..];
                return true;
            }
            else
            {
                read.Append(rest[i]);
            }
        }
        return false;
    }
}
