using System.Buffers;
using System.Net;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Gateway.Forwarding.Upstream;

/// <summary>Reads the status line and the headers of answers, and the trailers after a body. One per connection.</summary>
#pragma warning disable CA1001 // an answer belongs to whoever asked for it
internal sealed class ResponseHead
#pragma warning restore CA1001
{
    /// <summary>Longer values are not remembered.</summary>
    private const int MaxRemembered = 128;

    private static readonly SearchValues<byte> Breaking = SearchValues.Create("\0\r\n"u8);

    // Values that come again, with the thread and not with the connection: they are the same on hundreds of those, and in the processor's cache once.
    [ThreadStatic]
    private static string?[]? _remembered;

    private readonly HeaderLines.Found _addHeader;
    private readonly HeaderLines.Found _addTrailer;
    private readonly int _maxBytes;
    private HttpRequestMessage _request = null!;
    private HttpResponseMessage _response = null!;
    private HttpResponse? _client;
    private List<(string Name, string Value)>? _trailers;
    private string? _connectionOptions;
    private bool _hasNoBody;
    private ResponseFraming _framing;
    private int _bytesLeft;
    private bool _hasStatus;
    private int _status;
    private int _minorVersion;

    public ResponseHead(int maxBytes)
    {
        _maxBytes = maxBytes;
        _addHeader = AddHeader;
        _addTrailer = AddTrailer;
    }

    /// <summary>Set when <see cref="TryRead"/> has returned true.</summary>
    public HttpResponseMessage Response => _response;

    public ResponseFraming Framing => _framing;

    /// <summary>The final answer's status was read, and headers perhaps.</summary>
    public bool HasBegun => _hasStatus && _status is < 100 or >= 200;

    public bool AllowsReuse => _framing.AllowsReuse(_minorVersion, _status);

    public bool HasBody => !_hasNoBody && _status is not 204 and not 304 && (_framing.IsChunked || _framing.Length is not 0);

    /// <summary>What the <c>Connection</c> header of an answer that goes straight to the client names, or null.</summary>
    public string? ConnectionOptions => _connectionOptions;

    /// <summary>Trailers of an answer that goes straight to the client, or null.</summary>
    public IReadOnlyList<(string Name, string Value)>? Trailers => _trailers;

    public void Expect(HttpRequestMessage request)
    {
        Expect(request.Method == HttpMethod.Head);
        _request = request;
    }

    /// <summary>The answer's status and headers go into the client's answer as they are read.</summary>
    public void Expect(HttpResponse client, bool isHead)
    {
        Expect(isHead);
        _client = client;
    }

    private void Expect(bool isHead)
    {
        _hasNoBody = isHead;
        _response = null!;
        _client = null;
        (_trailers, _connectionOptions) = (null, null);
        _framing = default;
        _bytesLeft = _maxBytes;
        _hasStatus = false;
    }

    /// <summary>Nothing of an exchange is kept alive by a connection that rests.</summary>
    public void Forget() => (_request, _response, _client, _trailers) = (null!, null!, null, null);

    /// <summary>Reads on; true when the headers of the final answer are whole. Interim answers are skipped.</summary>
    public bool TryRead(ReceiveBuffer received)
    {
        while (true)
        {
            if (!_hasStatus && !TryReadStatus(received)) return false;
            var isInterim = _status is >= 100 and < 200;
            if (!TryReadLines(received, isInterim ? null : _addHeader)) return false;
            if (!isInterim) return true;
            _hasStatus = false;
        }
    }

    /// <summary>Reads on after the last chunk; true when the end has come.</summary>
    public bool TryReadTrailers(ReceiveBuffer received) => TryReadLines(received, _addTrailer);

    private bool TryReadLines(ReceiveBuffer received, HeaderLines.Found? found)
    {
        var isWhole = HeaderLines.Read(received.Span, found, out var consumed);
        if (_bytesLeft < (isWhole ? consumed : received.Length)) throw UpstreamErrors.TooLong(_maxBytes);
        received.Consume(consumed);
        _bytesLeft -= consumed;
        return isWhole;
    }

    private bool TryReadStatus(ReceiveBuffer received)
    {
        var bytes = received.Span;
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0)
        {
            if (_bytesLeft <= bytes.Length) throw UpstreamErrors.TooLong(_maxBytes);
            return false;
        }

        ReadStatus(bytes[..(end > 0 && bytes[end - 1] == '\r' ? end - 1 : end)]);
        received.Consume(end + 1);
        _bytesLeft -= end + 1;
        return true;
    }

    private void ReadStatus(ReadOnlySpan<byte> line)
    {
        const int Shortest = 12; // HTTP/1.1 200
        if (line.Length < Shortest || !line.StartsWith("HTTP/1."u8) || !char.IsAsciiDigit((char)line[7]) || line[8] != ' '
            || (line.Length > Shortest && line[Shortest] != ' ') || !IsNumber(line[9..12]))
        {
            throw UpstreamErrors.InvalidResponse("its status line is malformed");
        }

        _minorVersion = line[7] - '0';
        _status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + line[11] - '0';
        _hasStatus = true;
        if (_status == (int)HttpStatusCode.SwitchingProtocols) throw UpstreamErrors.InvalidResponse("it switches protocols unasked");
        if (_status is >= 100 and < 200) return;
        var reason = line.Length == Shortest ? default : line[(Shortest + 1)..];
        if (reason.ContainsAny(Breaking)) throw UpstreamErrors.InvalidResponse("its reason phrase is malformed");
        if (_client is not null)
        {
            AnswerStatus.Set(_client, _status, reason);
            return;
        }

        _response = new HttpResponseMessage((HttpStatusCode)_status) { RequestMessage = _request, Content = new ResponseContent() };
        if (_minorVersion != 1) _response.Version = _minorVersion == 0 ? HttpVersion.Version10 : new Version(1, _minorVersion);
        if (_response.ReasonPhrase is not { } usual || !Ascii.Equals(reason, usual)) _response.ReasonPhrase = Encoding.Latin1.GetString(reason);
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (KnownHeaders.Find(name) is { } known)
        {
            _framing.Read(known, value);
            if (_client is not null)
            {
                AddToClient(known, value);
                return;
            }

            var text = TextOf(known, value);
            if (known.IsOfContent) _response.Content.Headers.TryAddWithoutValidation(known.Name, text);
            else _response.Headers.TryAddWithoutValidation(known.Name, text);
            return;
        }

        if (_client is not null)
        {
            if (!HeaderNames.IsToken(name)) throw UpstreamErrors.InvalidResponse("a header's name is malformed");
            if (Encoding.Latin1.GetString(name) is var own && !HeaderNames.AreForOneHop(own)) Add(own, TextOf(value));
            return;
        }

        if (!_response.Headers.TryAddWithoutValidation(Encoding.Latin1.GetString(name), TextOf(value)))
        {
            throw UpstreamErrors.InvalidResponse("a header's name is malformed");
        }
    }

    private void AddToClient(KnownHeader known, ReadOnlySpan<byte> value)
    {
        if (!known.IsForOneHop) Add(known.Name, TextOf(known, value));
        else if (known.Name == "Connection") _connectionOptions = _connectionOptions is null ? TextOf(known, value) : $"{_connectionOptions}, {TextOf(known, value)}";
    }

    private void Add(string name, string value)
    {
        var headers = _client!.Headers;
        if (!headers.TryAdd(name, value)) headers[name] = StringValues.Concat(headers[name], value);
    }

    private void AddTrailer(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var known = KnownHeaders.Find(name);
        if (known is { IsForbiddenTrailer: true }) return;
        if (_client is not null)
        {
            if (known is null && !HeaderNames.IsToken(name)) throw UpstreamErrors.InvalidResponse("a trailer's name is malformed");
            (_trailers ??= []).Add((known?.Name ?? Encoding.Latin1.GetString(name), TextOf(value)));
            return;
        }

        var isAdded = _response.TrailingHeaders.TryAddWithoutValidation(known?.Name ?? Encoding.Latin1.GetString(name), TextOf(value));
        if (!isAdded && known is null) throw UpstreamErrors.InvalidResponse("a trailer's name is malformed");
    }

    private static string TextOf(KnownHeader header, ReadOnlySpan<byte> value)
    {
        if (!header.Repeats || value.Length > MaxRemembered) return TextOf(value);
        ref var last = ref (_remembered ??= new string?[KnownHeaders.Count])[header.Index];
        if (last is null || !Ascii.Equals(value, last)) last = TextOf(value);
        return last;
    }

    /// <summary>What would break a line somewhere else becomes a space.</summary>
    private static string TextOf(ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(value);
        return value.ContainsAny(Breaking) ? text.Replace('\0', ' ').Replace('\r', ' ').Replace('\n', ' ') : text;
    }
}
