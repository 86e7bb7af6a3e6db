using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

public sealed class ResetConnectionTests
{
    /// <summary>A load balancer that gave a resting connection up says so only when it is used again.</summary>
    [Theory]
    [InlineData("GET", "HTTP/1.1 200 ")]
    [InlineData("POST", "HTTP/1.1 502 ")]
    public async Task A_request_on_a_connection_that_is_reset_goes_out_again_where_that_does_no_harm(string method, string expected)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener);
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"));
            root["ReverseProxy"]!["Routes"]!["languages"]!["Match"]!.AsObject().Remove("Methods");
        });
        Task<string> AskAsync(string by) => RawHttp.ExchangeAsync(
            gateway.Address, $"{by} /languages HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {World.Key}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync("GET"), StringComparison.Ordinal);
        Assert.StartsWith(expected, await AskAsync(method), StringComparison.Ordinal);
        listener.Stop();
        var received = await serving;
        if (received.Count == 3) Assert.Equal(received[1], received[2]);
    }

    /// <summary>Answers one request a connection; the second on the first connection is read, and the connection reset.</summary>
    private static async Task<List<string?>> ServeAsync(TcpListener listener)
    {
        List<string?> received = [];
        try
        {
            for (var isFirst = true; ; isFirst = false)
            {
                using var connection = await listener.AcceptTcpClientAsync();
                received.Add(await RawHttp.ReadHeadAsync(connection.GetStream(), CancellationToken.None));
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(WireRow.Ok));
                if (!isFirst) continue;
                received.Add(await RawHttp.ReadHeadAsync(connection.GetStream(), CancellationToken.None));
                connection.LingerState = new LingerOption(true, 0);
                connection.Client.Dispose(); // the client's own Dispose would say goodbye first
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        return received;
    }
}
