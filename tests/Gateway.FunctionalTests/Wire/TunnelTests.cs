using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>The gateway opens no tunnels, but for WebSockets, and shows nobody what it adds.</summary>
public sealed class TunnelTests(WireWorld world) : IClassFixture<WireWorld>
{
    [Theory]
    [InlineData("CONNECT 127.0.0.1:@PORT HTTP/1.1")]
    [InlineData("CONNECT h:443 HTTP/1.1")]
    [InlineData("TRACE / HTTP/1.1")]
    [InlineData("trace / HTTP/1.1")]
    [InlineData("TRACE /free/ HTTP/1.1")]
    public async Task A_tunnel_and_a_trace_are_refused_over_http_1(string line)
    {
        var held = Prepare();

        var answer = await RawHttp.ExchangeAsync(world.Http1, WireRow.Complete(
            line.Replace("@PORT", $"{world.Upstream.Address.Port}", StringComparison.Ordinal) + "\r\n@\r\n"));

        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.NotEqual("404", answer.Split(' ')[1]);
        AssertNothingHappened(held);
    }

    [Theory]
    [InlineData("CONNECT", null)]
    [InlineData("TRACE", "/")]
    public async Task A_tunnel_and_a_trace_are_refused_over_http_2(string method, string? path)
    {
        var held = Prepare();
        List<(string, string)> fields = [(":method", method), (":authority", $"127.0.0.1:{world.Upstream.Address.Port}")];
        if (path is not null) fields.AddRange([(":scheme", "http"), (":path", path)]);

        Assert.Equal("405", await RawHttp2.ExchangeAsync(world.Http2, [.. fields, ("x-api-key", World.Key)]));
        AssertNothingHappened(held);
    }

    [Fact]
    public async Task An_extended_connect_for_something_else_than_a_websocket_opens_nothing()
    {
        var held = Prepare();

        var answer = await RawHttp2.ExchangeAsync(world.Http2,
            (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "http"), (":path", "/"), (":authority", "h"), ("x-api-key", World.Key));

        Assert.Equal("405", answer);
        AssertNothingHappened(held);
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("own/1.0")]
    [InlineData("SPDY/3.1")] // YARP would, for the API of Kubernetes
    public async Task An_upgrade_to_something_else_than_a_websocket_is_a_request_without_it(string protocol)
    {
        Prepare();

        var answer = await RawHttp.ExchangeAsync(world.Http1,
            $"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nX-API-Key: {World.Key}\r\n\r\n"
            + WireRow.Complete("GET /last HTTP/1.1\r\n@\r\n"));

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        var arrived = world.Upstream.Requests.First();
        Assert.Null(RawHttp.Header(arrived, "Upgrade"));
        Assert.Null(RawHttp.Header(arrived, "HTTP2-Settings"));
        Assert.Null(RawHttp.Header(arrived, "Connection"));
    }

    /// <summary>All that a client sent through it would reach the upstream past the gateway, for the price of the one request that opened it.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/free/")]
    public async Task An_upstream_that_would_switch_gets_nothing_but_what_was_metered(string path)
    {
        Prepare();
        world.Upstream.Answer("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");

        var answer = await RawHttp.ExchangeAsync(world.Http1,
            $"POST {path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-API-Key: {World.Key}\r\n\r\n"
            + "POST /unseen HTTP/1.1\r\nHost: h\r\nX-Customer-Id: cus_other\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Upstream.Heads, head => head.Contains("/unseen", StringComparison.Ordinal));
    }

    private int Prepare()
    {
        world.Upstream.Heads.Clear();
        world.Upstream.Requests.Clear();
        world.Upstream.Answer(WireRow.Ok);
        return world.Held();
    }

    private void AssertNothingHappened(int held)
    {
        Assert.Empty(world.Upstream.Heads);
        Assert.Equal(held, world.Held());
    }
}
