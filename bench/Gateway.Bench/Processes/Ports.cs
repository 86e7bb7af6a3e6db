using System.Net;
using System.Net.Sockets;

namespace Gateway.Bench.Processes;

internal static class Ports
{
    /// <summary>A loopback port that nobody listens at.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static Uri FreeAddress() => new($"http://127.0.0.1:{Free()}/");
}
