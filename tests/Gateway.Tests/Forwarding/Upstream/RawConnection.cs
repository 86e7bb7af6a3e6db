using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>One connection to a <see cref="RawUpstream"/>.</summary>
internal sealed class RawConnection(Socket socket, int number) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private string _unread = "";

    /// <summary>From 1, in the order in which they were opened.</summary>
    public int Number => number;

    /// <summary>A request's head, or null when the client has closed.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        while (true)
        {
            var end = _unread.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var head = _unread[..(end + 4)];
                _unread = _unread[(end + 4)..];
                return head;
            }

            if (!await ReceiveAsync()) return null;
        }
    }

    /// <summary>What follows, until it ends so.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        while (!_unread.Contains(end, StringComparison.Ordinal))
        {
            if (!await ReceiveAsync()) throw new SocketException((int)SocketError.ConnectionReset);
        }

        var length = _unread.IndexOf(end, StringComparison.Ordinal) + end.Length;
        var read = _unread[..length];
        _unread = _unread[length..];
        return read;
    }

    /// <summary>Everything until the client closes or breaks off.</summary>
    public async Task<string> ReadToEndAsync()
    {
        try
        {
            while (await ReceiveAsync())
            {
            }
        }
        catch (SocketException)
        {
            // An end as well.
        }

        return _unread;
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with RST.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();

    private async Task<bool> ReceiveAsync()
    {
        var received = await socket.ReceiveAsync(_buffer);
        _unread += Encoding.Latin1.GetString(_buffer, 0, received);
        return received > 0;
    }
}
