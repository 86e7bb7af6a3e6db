namespace Gateway.Forwarding.Upstream;

/// <summary>
/// Splits header lines as <see cref="SocketsHttpHandler"/> does: LF alone ends a line too, white space around a value and before the colon is dropped,
/// and a folded line is one value.
/// </summary>
internal static class HeaderLines
{
    public delegate void Found(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Reads what is whole; true when the empty line at the end was among it. A line is whole when the byte after it shows that it is not folded.</summary>
    public static bool Read(Span<byte> bytes, Found? found, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            var rest = bytes[consumed..];
            var colon = rest.IndexOfAny((byte)':', (byte)'\n');
            if (colon < 0) return false;
            if (rest[colon] == '\n')
            {
                if (colon > 1 || (colon == 1 && rest[0] != '\r')) throw UpstreamErrors.InvalidResponse("a header line has no colon");
                consumed += colon + 1;
                return true;
            }

            var end = EndOfValue(rest, colon + 1, out var next);
            if (end < 0) return false;
            if (found is not null)
            {
                var name = rest[..colon].TrimEnd((byte)' ');
                if (name.IsEmpty) throw UpstreamErrors.InvalidResponse("a header has no name");
                found(name, rest[(colon + 1)..end].Trim(" \t"u8));
            }

            consumed += next;
        }
    }

    private static int EndOfValue(Span<byte> line, int from, out int next)
    {
        while (true)
        {
            next = line[from..].IndexOf((byte)'\n') + from + 1;
            if (next == from || next == line.Length) return -1;
            var end = next - 1 > from && line[next - 2] == '\r' ? next - 2 : next - 1;
            if (line[next] is not (byte)' ' and not (byte)'\t') return end;
            line[end..next].Fill((byte)' ');
            from = next + 1;
        }
    }
}
