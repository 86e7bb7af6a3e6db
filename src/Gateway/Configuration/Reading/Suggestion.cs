namespace Gateway.Configuration.Reading;

/// <summary>"Did you mean …?"</summary>
internal static class Suggestion
{
    /// <summary>The rest of a sentence about an unknown name: the nearest known one, or all of them.</summary>
    public static string For(string name, IReadOnlyCollection<string> known)
    {
        if (known.Count == 0) return "; there is none yet";

        var nearest = known.MinBy(k => Distance(name, k))!;
        return Distance(name, nearest) <= Math.Max(1, Math.Max(name.Length, nearest.Length) / 3)
            ? $"; did you mean '{nearest}'?"
            : $"; known: {string.Join(", ", known.Order(StringComparer.Ordinal))}";
    }

    /// <summary>Single-character edits, two neighbours changing places being one. Case does not count.</summary>
    internal static int Distance(string left, string right)
    {
        var (a, b) = (left.ToUpperInvariant(), right.ToUpperInvariant());
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}
