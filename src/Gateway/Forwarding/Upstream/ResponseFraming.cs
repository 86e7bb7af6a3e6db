using System.Globalization;
using System.Text;

namespace Gateway.Forwarding.Upstream;

/// <summary>Where an answer's body ends, and whether the connection can serve another request after it: gathered from its headers as they come.</summary>
internal struct ResponseFraming
{
    private bool _saysKeepAlive;
    private bool _saysClose;

    public bool HasTransferEncoding { get; private set; }

    public bool IsChunked { get; private set; }

    public long? Length { get; private set; }

    /// <summary>How long the upstream keeps the connection open, if it says so.</summary>
    public TimeSpan? KeepAlive { get; private set; }

    public void Read(KnownHeader header, ReadOnlySpan<byte> value)
    {
        switch (header.Name)
        {
            case "Content-Length":
                ReadLength(value);
                break;
            case "Transfer-Encoding":
                HasTransferEncoding = true;
                IsChunked |= HasToken(value, "chunked"u8);
                break;
            case "Connection":
                _saysClose |= HasToken(value, "close"u8);
                _saysKeepAlive |= HasToken(value, "keep-alive"u8);
                break;
            case "Keep-Alive":
                ReadKeepAlive(value);
                break;
        }
    }

    /// <summary>
    /// Two statements about a body's length may be read in two ways: the connection is not used again then, so that a disagreement can not turn the
    /// rest of one answer into the next one.
    /// </summary>
    public readonly bool AllowsReuse(int minorVersion, int status) =>
        !_saysClose && (minorVersion > 0 || _saysKeepAlive)
        && !(HasTransferEncoding && (Length is not null || !IsChunked))
        && !(status == 204 && (Length is > 0 || HasTransferEncoding));

    private void ReadLength(ReadOnlySpan<byte> value)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) throw UpstreamErrors.InvalidResponse("its Content-Length is no number");
        if (Length is { } other && other != length) throw UpstreamErrors.InvalidResponse("it has two lengths");
        Length = length;
    }

    private void ReadKeepAlive(ReadOnlySpan<byte> value)
    {
        const string Parameter = "timeout=";
        foreach (var part in value.Split((byte)','))
        {
            var token = value[part].Trim(" \t"u8);
            if (token.Length <= Parameter.Length || !Ascii.EqualsIgnoreCase(token[..Parameter.Length], Parameter)) continue;
            if (!int.TryParse(token[Parameter.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) continue;
            if (seconds == 0) _saysClose = true;
            KeepAlive = TimeSpan.FromSeconds(Math.Max(seconds - 1, 0.5)); // not at the moment at which the upstream closes it
        }
    }

    private static bool HasToken(ReadOnlySpan<byte> value, ReadOnlySpan<byte> token)
    {
        foreach (var part in value.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(value[part].Trim(" \t"u8), token)) return true;
        }

        return false;
    }
}
