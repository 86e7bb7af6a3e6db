using System.Buffers;
using System.Net.Http.Headers;
using System.Text;

namespace Gateway.Forwarding.Upstream;

/// <summary>A request's line and headers as bytes, in a rented buffer that also takes a small body, so that both leave in one send.</summary>
internal sealed class RequestHead : IDisposable
{
    private const int UsualBytes = 4096;

    private static readonly SearchValues<char> Breaking = SearchValues.Create("\r\n\0");

    // The framework's pool has too few of a size for hundreds of requests at once, and makes the rest anew each time.
    private static readonly Spares<byte[]> Kept = new(4096);

    private byte[] _bytes = [];
    private int _owners = 1;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Whether the body follows in chunks. Otherwise its length is known, or there is none.</summary>
    public bool IsChunked { get; private set; }

    public long ContentLength { get; private set; }

    /// <summary>
    /// False when the request asks for something that is not written here, or can not be written as it stands. A value with a line break or a NUL is
    /// never written, by nobody.
    /// </summary>
    public bool TryWrite(HttpRequestMessage request, byte[] hostLine)
    {
        var method = request.Method.Method;
        if (method.AsSpan().ContainsAnyInRange('a', 'z') || !TryAppendAscii(method)) return false; // .NET writes some of them in upper case
        Append((byte)' ');
        var target = request.RequestUri!.PathAndQuery;
        if (target.AsSpan().ContainsAny(Breaking) || target.Contains(' ', StringComparison.Ordinal) || !TryAppendAscii(target)) return false;
        Append(" HTTP/1.1\r\n"u8);
        var headers = request.Headers;
        if (headers.Host is null) Append(hostLine);
        if (!TryAppend(headers)) return false;
        if (request.Content is { } content) return TryAppendContent(content);
        if (NeedsLength(request.Method)) Append("Content-Length: 0\r\n"u8);
        Append("\r\n"u8);
        return true;
    }

    /// <summary>False when the value can not be written as it stands.</summary>
    public bool TryAppendHeader(string name, string value)
    {
        if (value.AsSpan().ContainsAny(Breaking) || !TryAppendAscii(name)) return false;
        Append(": "u8);
        if (!TryAppendLatin1(value)) return false;
        Append("\r\n"u8);
        return true;
    }

    public bool TryAppendAscii(scoped ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        if (Ascii.FromUtf16(text, _bytes.AsSpan(Length), out var written) != OperationStatus.Done) return false;
        Length += written;
        return true;
    }

    /// <summary>Room for so many bytes, which <see cref="Advance"/> takes.</summary>
    public Memory<byte> Room(int bytes)
    {
        Reserve(bytes);
        return _bytes.AsMemory(Length, bytes);
    }

    public void Advance(int bytes) => Length += bytes;

    /// <summary>Somebody else needs the bytes too.</summary>
    public void Share() => Interlocked.Increment(ref _owners);

    /// <summary>Starts anew with an empty buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>Nobody needs the bytes any more, for as long as an upstream takes; they can be written anew.</summary>
    public void Rest()
    {
        Release(_bytes);
        _bytes = [];
        Length = 0;
    }

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>One chunk of a chunked body.</summary>
    public void AppendChunk(ReadOnlySpan<byte> data)
    {
        Reserve(data.Length + 12);
        data.Length.TryFormat(_bytes.AsSpan(Length), out var digits, "X", System.Globalization.CultureInfo.InvariantCulture);
        Length += digits;
        Append("\r\n"u8);
        Append(data);
        Append("\r\n"u8);
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _owners) == 0) Rest();
    }

    private static bool NeedsLength(HttpMethod method) =>
        method != HttpMethod.Get && method != HttpMethod.Head && method != HttpMethod.Options && method != HttpMethod.Delete;

    private bool TryAppendContent(HttpContent content)
    {
        if (content.Headers.ContentLength is { } length)
        {
            ContentLength = length;
        }
        else
        {
            IsChunked = true;
            Append("Transfer-Encoding: chunked\r\n"u8);
        }

        if (!TryAppend(content.Headers)) return false;
        Append("\r\n"u8);
        return true;
    }

    private bool TryAppend(HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            if (IsForOthers(name)) return false;
            TryAppendAscii(name); // a token, HttpHeaders takes no other
            Append(": "u8);
            if (values.Count > 1)
            {
                if (!TryAppendValue(values.ToString())) return false;
            }
            else
            {
                foreach (var value in values)
                {
                    if (!TryAppendValue(value)) return false;
                }
            }

            Append("\r\n"u8);
        }

        return true;
    }

    /// <summary>What changes how the exchange goes. The names are as .NET knows them, whatever the client wrote.</summary>
    private static bool IsForOthers(string name) => name.Length switch
    {
        6 => name == "Expect",
        7 => name == "Upgrade",
        10 => name == "Connection",
        17 => name == "Transfer-Encoding",
        _ => false,
    };

    private bool TryAppendValue(string value)
    {
        if (value.AsSpan().ContainsAny(Breaking)) throw new HttpRequestException("A header's value has a line break or a NUL in it and is not sent.");
        return TryAppendLatin1(value);
    }

    private bool TryAppendLatin1(string value)
    {
        if (TryAppendAscii(value)) return true;
        if (value.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff')) return false;
        Length += Encoding.Latin1.GetBytes(value, _bytes.AsSpan(Length));
        return true;
    }

    private void Append(byte single)
    {
        Reserve(1);
        _bytes[Length++] = single;
    }

    private void Reserve(int bytes)
    {
        if (bytes <= _bytes.Length - Length) return;
        if (_bytes.Length == 0 && bytes <= UsualBytes)
        {
            _bytes = Kept.TryTake() ?? new byte[UsualBytes];
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + bytes, Math.Max(_bytes.Length, UsualBytes) * 2));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        Release(_bytes);
        _bytes = larger;
    }

    private static void Release(byte[] bytes)
    {
        if (bytes.Length == 0) return;
        if (bytes.Length != UsualBytes) ArrayPool<byte>.Shared.Return(bytes);
        else Kept.TryKeep(bytes);
    }
}
