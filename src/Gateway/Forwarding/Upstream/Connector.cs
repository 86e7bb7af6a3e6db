using System.Net;
using System.Net.Sockets;

namespace Gateway.Forwarding.Upstream;

/// <summary>Opens connections: over IPv6 and IPv4, whatever the name resolves to now.</summary>
internal static class Connector
{
    /// <summary>Throws what <see cref="UpstreamErrors"/> makes of a failure; a cancellation when <paramref name="cancellationToken"/> asks for it or the time is over.</summary>
    public static async ValueTask<Socket> ConnectAsync(string host, int port, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(host, port), either.Token);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (cancellationToken.IsCancellationRequested) throw UpstreamErrors.Cancelled(e, cancellationToken);
            if (limit.IsCancellationRequested) throw UpstreamErrors.ConnectTimedOut(timeout, e);
            throw UpstreamErrors.Unreachable(host, port, e);
        }
    }
}
