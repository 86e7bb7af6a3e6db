using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>An upstream that is a script over its sockets: what it says is exactly what the test says.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly ConcurrentBag<RawConnection> _connections = [];
    private readonly Func<RawConnection, Task> _script;
    private readonly Task _accepting;
    private int _accepted;

    public RawUpstream(Func<RawConnection, Task> script)
    {
        _script = script;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public Uri Uri => new($"http://127.0.0.1:{Port}/");

    /// <summary>Connections that were ever opened.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var connection in _connections) connection.Dispose();
        await _accepting;
        await Task.WhenAll(_serving);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new RawConnection(await _listener.AcceptAsync(), Interlocked.Increment(ref _accepted));
                _connections.Add(connection);
                _serving.Add(ServeAsync(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(RawConnection connection)
    {
        using (connection)
        {
            try
            {
                await _script(connection);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The client is gone.
            }
        }
    }
}
