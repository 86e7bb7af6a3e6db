using System.Net;
using Gateway.Forwarding.Upstream;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>How long connections are kept.</summary>
public sealed class PoolTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_nobody_uses_is_closed_after_a_minute()
    {
        await using var upstream = Answering("HTTP/1.1 204 No Content\r\n\r\n");
        using var handler = Clients.Lean(clock: _clock);
        await GetAsync(handler, upstream);

        Step(45);
        Assert.Equal(1, handler.OpenConnections);
        Step(30);

        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task A_connection_is_not_used_once_it_is_too_old()
    {
        await using var upstream = Answering("HTTP/1.1 204 No Content\r\n\r\n");
        using var handler = Clients.Lean(h => h.PooledConnectionLifetime = TimeSpan.FromSeconds(30), _clock);

        await GetAsync(handler, upstream);
        _clock.Advance(TimeSpan.FromSeconds(29));
        await GetAsync(handler, upstream);
        Assert.Equal(1, upstream.Accepted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await GetAsync(handler, upstream);

        Assert.Equal(2, upstream.Accepted);
    }

    [Fact]
    public async Task A_connection_is_kept_no_longer_than_the_upstream_says()
    {
        await using var upstream = Answering("HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=5, max=100\r\n\r\n");
        using var handler = Clients.Lean(clock: _clock);

        await GetAsync(handler, upstream);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await GetAsync(handler, upstream);
        Assert.Equal(1, upstream.Accepted);
        _clock.Advance(TimeSpan.FromSeconds(4));
        await GetAsync(handler, upstream);

        Assert.Equal(2, upstream.Accepted);
    }

    [Fact]
    public async Task A_connection_that_the_upstream_closed_is_cleared_away()
    {
        var closed = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n");
            connection.EndSending();
            closed.SetResult();
            await connection.ReadToEndAsync();
        });
        using var handler = Clients.Lean(clock: _clock);
        await GetAsync(handler, upstream);
        await closed.Task;

        Step(15);

        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task A_handler_that_is_disposed_closes_its_connections()
    {
        var closed = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n");
            await connection.ReadToEndAsync();
            closed.SetResult();
        });
        var handler = Clients.Lean(clock: _clock);
        await GetAsync(handler, upstream);

        handler.Dispose();

        await closed.Task;
        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task What_asks_for_more_than_HTTP_1_is_left_to_the_default_client()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        using var handler = Clients.Lean(clock: _clock);
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, upstream.Uri);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "x");

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public void A_client_that_does_more_than_this_one_can_is_kept_as_it_is()
    {
        Assert.NotNull(UpstreamSettings.TryRead(Clients.Oracle()));
        Assert.Null(UpstreamSettings.TryRead(Clients.Oracle(h => h.UseProxy = true)));
        Assert.Null(UpstreamSettings.TryRead(Clients.Oracle(h => h.RequestHeaderEncodingSelector = (_, _) => null)));
        Assert.Null(UpstreamSettings.TryRead(Clients.Oracle(h => h.ResponseHeaderEncodingSelector = (_, _) => null)));
        Assert.Null(UpstreamSettings.TryRead(Clients.Oracle(h => h.AutomaticDecompression = DecompressionMethods.GZip)));
        Assert.Null(UpstreamSettings.TryRead(new SocketsHttpHandler()));
    }

    private static RawUpstream Answering(string answer) => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is not null) await connection.WriteAsync(answer);
    });

    private static async Task GetAsync(Http1Handler handler, RawUpstream upstream)
    {
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var response = await client.SendAsync(Clients.Get(upstream.Uri), Cancel);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private void Step(int seconds)
    {
        for (var i = 0; i < seconds; i += 15) _clock.Advance(TimeSpan.FromSeconds(15));
    }
}
