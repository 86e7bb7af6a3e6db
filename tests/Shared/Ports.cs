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

    // A port is told to one process only, also while who was told it listens at nothing, as between a kill and the next start: byte N of it is locked while
    // port N is somebody's, and the system ends locks with their process.
    private static readonly FileStream Told = new(
        Path.Combine(Path.GetTempPath(), $"gateway-ports-{Environment.UserName}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);

    private static int _next = Environment.ProcessId * 127 % Count; // processes side by side begin elsewhere

    /// <summary>A loopback port that nobody listens at, nor at that of the cluster's bus, and that nobody was told before whose process is alive.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = First + ((Interlocked.Increment(ref _next) & int.MaxValue) % Count);
            if (TryClaim(port) && IsFree(port) && IsFree(port + ClusterBus)) return port;
        }
    }

    public static Uri FreeAddress() => new($"http://127.0.0.1:{Free()}/");

    private static bool TryClaim(int port)
    {
        if (OperatingSystem.IsMacOS()) return true; // .NET locks no part of a file there
        try
        {
            Told.Lock(port, 1);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

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
