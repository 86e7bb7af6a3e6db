using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Bench.Load;

/// <summary>
/// One HTTP/1.1 connection with as little between the socket and the clock as there can be: no header is kept and no body copied. Answers need a
/// <c>Content-Length</c>; any that is not 2xx throws <see cref="LoadFailedException"/>.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private readonly Socket _socket;
    private readonly RequestPlan _plan;
    private readonly Random _dice;
    private readonly byte[] _host;
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[BufferBytes];
    private int _requestLength;

    private HttpConnection(Socket socket, Uri address, RequestPlan plan, int seed)
    {
        (_socket, _plan, _dice) = (socket, plan, new Random(seed));
        _host = Encoding.ASCII.GetBytes(address.Authority);
        _request = new byte[plan.MaxBytes + _host.Length];
    }

    /// <summary>When the request under way was due, by <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Due { get; set; }

    public static async Task<HttpConnection> OpenAsync(Uri address, RequestPlan plan, int seed, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port, stop);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new LoadFailedException($"{address} takes no connection: {e.Message}");
        }

        return new HttpConnection(socket, address, plan, seed);
    }

    /// <summary>Sends at once, on the caller's thread: a request fits into any socket's buffer.</summary>
    public void Send()
    {
        _requestLength = _plan.Write(_request, _host, _dice);
        var sent = 0;
        while (sent < _requestLength) sent += _socket.Send(_request.AsSpan(sent, _requestLength - sent));
    }

    /// <summary>Reads one whole answer.</summary>
    public async ValueTask ReceiveAsync(CancellationToken stop)
    {
        var have = 0;
        int head;
        while ((head = _answer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (have == _answer.Length) throw Failed("its headers are too long", have);
            have += await ReadAsync(_answer.AsMemory(have), have, stop);
        }

        var left = head + 4 + BodyLength(head + 2, have) - have;
        while (left > 0) left -= await ReadAsync(_answer.AsMemory(0, (int)Math.Min(left, _answer.Length)), have, stop);
        if (left < 0) throw Failed("there is more than one answer", have);
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, int have, CancellationToken stop)
    {
        try
        {
            var read = await _socket.ReceiveAsync(buffer, stop);
            return read > 0 ? read : throw Failed("it was broken off", have);
        }
        catch (SocketException e)
        {
            throw Failed(e.Message, have);
        }
    }

    private long BodyLength(int headLength, int have)
    {
        var head = _answer.AsSpan(0, headLength);
        if (head.Length < 12 || head[9] != '2') throw Failed("it is not 2xx", have);
        var lineEnd = 0;
        while ((lineEnd = head.IndexOf("\r\n"u8)) >= 0)
        {
            var line = head[..lineEnd];
            var colon = line.IndexOf((byte)':');
            if (colon > 0 && Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8))
                return long.Parse(line[(colon + 1)..].Trim((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture);
            head = head[(lineEnd + 2)..];
        }

        throw Failed("it has no Content-Length", have);
    }

    private LoadFailedException Failed(string why, int have) => new(
        $"An answer is not as it should be: {why}.\n> {Encoding.ASCII.GetString(_request, 0, _requestLength).ReplaceLineEndings(" ")}\n< {Encoding.ASCII.GetString(_answer, 0, Math.Min(have, 600))}");
}
