using System.Net;
using System.Net.Sockets;

namespace Gateway.Kit;

/// <summary>Ports for programs that are told theirs. What can listen at port 0 and say where it does should rather do that.</summary>
internal static class Ports
{
    // Below what systems give to connections (Linux: from 32768, others from 49152): nobody else is given one between here and its listener.
    private const int First = 10_000;
    private const int Count = 10_000;

    /// <summary>Redis Cluster's nodes speak to each other so much higher.</summary>
    private const int ClusterBus = 10_000;

    private static int _next = Environment.ProcessId * 127 % Count; // processes side by side begin elsewhere

    /// <summary>A loopback port that nobody listens at, nor at that of the cluster's bus, and that nobody in this process was told before.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = First + ((Interlocked.Increment(ref _next) & int.MaxValue) % Count);
            if (IsFree(port) && IsFree(port + ClusterBus)) return port;
        }
    }

    public static Uri FreeAddress() => new($"http://127.0.0.1:{Free()}/");

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
