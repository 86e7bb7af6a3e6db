using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Bench.Processes;

internal static class Ports
{
    private static readonly ConcurrentDictionary<int, byte> HandedOut = new();

    /// <summary>A loopback port that nobody listens at, and that nobody was told before: its listener may be on its way.</summary>
    public static int Free()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (HandedOut.TryAdd(port, 0)) return port;
        }
    }

    public static Uri FreeAddress() => new($"http://127.0.0.1:{Free()}/");
}
