using System.Buffers;

namespace Gateway.Pipeline;

/// <summary>How a path can be read. The server has decoded it, all but <c>%2F</c>, and taken the dot segments out.</summary>
internal static class RequestPath
{
    private static readonly SearchValues<char> Separators = SearchValues.Create("\\%;");

    /// <summary>
    /// True where a reader who takes encoded slashes or backslashes for slashes, or a segment's parameters for no part of it, would find a dot segment: the
    /// request would then be for another route than the one it is priced by.
    /// </summary>
    /// <param name="path">As the server has decoded it.</param>
    /// <param name="target">As it was sent. Of one in absolute form the server decodes encoded slashes as well.</param>
    public static bool IsAmbiguous(string? path, ReadOnlySpan<char> target)
    {
        if (path is null || (target is ['/', ..] && !path.AsSpan().ContainsAny(Separators))) return false;
        var read = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace('\\', '/').AsSpan();
        foreach (var range in read.Split('/'))
        {
            var segment = read[range];
            if (segment.IndexOf(';') is >= 0 and var end) segment = segment[..end];
            if (segment is "." or "..") return true;
        }

        return false;
    }

    /// <summary>The path of a target in origin form as it was sent, without its query, and without dot segments: what the server matched was without them.</summary>
    public static string WithoutDotSegments(ReadOnlySpan<char> target)
    {
        target = WithoutQuery(target);
        var kept = new List<string>();
        foreach (var range in target[1..].Split('/'))
        {
            var segment = target[1..][range];
            var isLast = range.End.Value == target.Length - 1;
            switch (DotsIn(segment))
            {
                case 1:
                    if (isLast) kept.Add("");
                    break;
                case 2:
                    if (kept.Count > 0) kept.RemoveAt(kept.Count - 1);
                    if (isLast) kept.Add("");
                    break;
                default:
                    kept.Add(segment.ToString());
                    break;
            }
        }

        return "/" + string.Join('/', kept);
    }

    public static ReadOnlySpan<char> WithoutQuery(ReadOnlySpan<char> target) => target.IndexOf('?') is >= 0 and var query ? target[..query] : target;

    public static bool HasDotSegments(ReadOnlySpan<char> target)
    {
        target = WithoutQuery(target);
        foreach (var range in target.Split('/'))
        {
            if (DotsIn(target[range]) is 1 or 2) return true;
        }

        return false;
    }

    /// <summary>How many dots a segment is that is nothing else, encoded or not; otherwise 0.</summary>
    private static int DotsIn(ReadOnlySpan<char> segment)
    {
        var dots = 0;
        while (!segment.IsEmpty)
        {
            var length = segment[0] == '.' ? 1 : segment.StartsWith("%2e", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
            if (length == 0) return 0;
            segment = segment[length..];
            dots++;
        }

        return dots;
    }
}
