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

    /// <summary>What follows, until it ends so, or is all of it.</summary>
    public async Task<string> ReadUntilAsync(string end, string? all = null)
    {
        while (true)
        {
            if (all is not null && _unread.StartsWith(all, StringComparison.Ordinal)) return Take(all.Length);
            var at = _unread.IndexOf(end, StringComparison.Ordinal);
            if (at >= 0) return Take(at + end.Length);
            if (!await ReceiveAsync()) throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    /// <summary>A request's body, by what its head says of it.</summary>
    public async Task<string> ReadBodyAsync(string head)
    {
        const string Length = "Content-Length: ";
        if (head.Contains("chunked", StringComparison.Ordinal)) return await ReadUntilAsync("\r\n0\r\n\r\n", "0\r\n\r\n");
        var at = head.IndexOf(Length, StringComparison.Ordinal) + Length.Length;
        var length = at < Length.Length ? 0 : int.Parse(head.AsSpan(at, head.IndexOf('\r', at) - at), System.Globalization.CultureInfo.InvariantCulture);
        while (_unread.Length < length)
        {
            if (!await ReceiveAsync()) throw new SocketException((int)SocketError.ConnectionReset);
        }

        return Take(length);
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

    private string Take(int length)
    {
        var taken = _unread[..length];
        _unread = _unread[length..];
        return taken;
    }

    private async Task<bool> ReceiveAsync()
    {
        var received = await socket.ReceiveAsync(_buffer);
        _unread += Encoding.Latin1.GetString(_buffer, 0, received);
        return received > 0;
    }
}
