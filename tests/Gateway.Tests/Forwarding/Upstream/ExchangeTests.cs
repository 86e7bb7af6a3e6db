using System.Text;
using Gateway.Forwarding.Upstream;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>Which connection serves which request, and when one is not used again.</summary>
public sealed class ExchangeTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_in_turn_share_one_connection()
    {
        await using var upstream = Answering(_ => Ok);
        using var handler = Clients.Lean();

        for (var i = 0; i < 5; i++) Assert.Equal("ok", await GetAsync(handler, upstream));

        Assert.Equal(1, upstream.Accepted);
        Assert.Equal((1, 1), (handler.OpenConnections, handler.IdleConnections));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\nok")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n!")]
    public async Task A_connection_is_not_used_again_after(string answer)
    {
        await using var upstream = Answering(_ => answer);
        using var handler = Clients.Lean();

        Assert.Equal("ok", await GetAsync(handler, upstream));
        Assert.Equal("ok", await GetAsync(handler, upstream));

        Assert.Equal(2, upstream.Accepted);
        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task Bytes_that_come_while_a_connection_rests_are_no_answer()
    {
        var sent = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is null) return;
            await connection.WriteAsync(Ok);
            if (connection.Number == 1) await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
            sent.TrySetResult();
            await connection.ReadToEndAsync();
        });
        using var handler = Clients.Lean();

        Assert.Equal("ok", await GetAsync(handler, upstream));
        await sent.Task;
        Assert.Equal("ok", await GetAsync(handler, upstream));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")]
    public async Task An_answer_that_can_be_read_in_two_ways_is_refused(string answer)
    {
        await using var upstream = Answering(_ => answer);
        using var handler = Clients.Lean();

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(handler, upstream));

        Assert.Equal(HttpRequestError.InvalidResponse, failure.HttpRequestError);
        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task A_connection_that_the_upstream_closed_while_it_rested_is_replaced_before_anything_is_sent()
    {
        var closed = new TaskCompletionSource();
        var heads = 0;
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is null) return;
            Interlocked.Increment(ref heads);
            await connection.WriteAsync(Ok);
            connection.EndSending();
            if (connection.Number == 1) closed.TrySetResult();
            await connection.ReadToEndAsync();
        });
        using var handler = Clients.Lean();

        await GetAsync(handler, upstream);
        await closed.Task;
        Assert.Equal("ok", await SendAsync(handler, new HttpRequestMessage(HttpMethod.Post, upstream.Uri) { Content = new StringContent("body") }));

        Assert.Equal(2, heads);
    }

    [Theory]
    [InlineData("GET", false, true)]
    [InlineData("GET", true, true)]
    [InlineData("DELETE", false, true)]
    [InlineData("DELETE", true, true)]
    [InlineData("POST", false, false)]
    [InlineData("POST", true, false)]
    [InlineData("PATCH", false, false)]
    public async Task A_request_goes_out_again_only_when_that_does_no_harm(string method, bool reset, bool again)
    {
        var heads = 0;
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is null) return;
            await connection.WriteAsync(Ok);
            if (await connection.ReadHeadAsync() is null) return;
            if (Interlocked.Increment(ref heads) == 1) // taken, and closed without an answer
            {
                if (reset) connection.Reset();
                return;
            }

            await connection.WriteAsync(Ok);
        });
        using var handler = Clients.Lean();
        await GetAsync(handler, upstream);
        var sending = SendAsync(handler, new HttpRequestMessage(new HttpMethod(method), upstream.Uri));

        if (again) Assert.Equal("ok", await sending);
        else Assert.Equal(reset ? HttpRequestError.Unknown : HttpRequestError.ResponseEnded, (await Assert.ThrowsAsync<HttpRequestException>(() => sending)).HttpRequestError);
        Assert.Equal(1, heads);
    }

    /// <summary>A load balancer gives all of them up at once, and says so of each when it is used.</summary>
    [Fact]
    public async Task Many_dead_connections_cost_one_try()
    {
        const int Dead = 8;
        var (resting, all) = (0, new TaskCompletionSource());
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is null) return;
            if (Interlocked.Increment(ref resting) == Dead) all.SetResult();
            await all.Task;
            await connection.WriteAsync(Ok);
            if (connection.Number > Dead || await connection.ReadHeadAsync() is null) return;
            connection.Reset();
        });
        using var handler = Clients.Lean();
        await Task.WhenAll(Enumerable.Range(0, Dead).Select(_ => GetAsync(handler, upstream)));

        Assert.Equal("ok", await SendAsync(handler, Clients.Get(upstream.Uri)));
        Assert.Equal(Dead + 1, upstream.Accepted);
    }

    [Fact]
    public async Task A_request_on_a_new_connection_is_sent_once()
    {
        await using var upstream = new RawUpstream(async connection => await connection.ReadHeadAsync());
        using var handler = Clients.Lean();

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(handler, upstream));

        Assert.Equal(HttpRequestError.ResponseEnded, failure.HttpRequestError);
        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task An_upstream_that_nobody_listens_at_is_told_from_one_that_fails()
    {
        var upstream = new RawUpstream(_ => Task.CompletedTask);
        var uri = upstream.Uri;
        await upstream.DisposeAsync();
        using var handler = Clients.Lean();

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(handler, Clients.Get(uri)));
        var unknown = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(handler, Clients.Get(new Uri("http://nobody.invalid/"))));

        Assert.Equal(HttpRequestError.ConnectionError, refused.HttpRequestError);
        Assert.Equal(HttpRequestError.NameResolutionError, unknown.HttpRequestError);
        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task Many_requests_at_once_get_each_its_own_answer()
    {
        await using var upstream = Answering(head => $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{head.Split(' ')[1][1..]}\r\n0\r\n\r\n");
        using var handler = Clients.Lean(h => h.MaxConnectionsPerServer = 7);

        await Parallel.ForAsync(1000, 3000, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancel }, async (i, _) =>
            Assert.Equal($"{i}", await SendAsync(handler, Clients.Get(new Uri(upstream.Uri, $"/{i}")))));

        Assert.InRange(upstream.Accepted, 1, 7);
        Assert.Equal(handler.IdleConnections, handler.OpenConnections);
    }

    [Fact]
    public async Task An_answer_thrown_away_half_read_closes_its_connection()
    {
        await using var upstream = Answering(_ => "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nok");
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);

        (await client.SendAsync(Clients.Get(upstream.Uri), Cancel)).Dispose();

        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task An_answer_thrown_away_that_is_here_already_keeps_its_connection()
    {
        await using var upstream = Answering(_ => Ok);
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);

        (await client.SendAsync(Clients.Get(upstream.Uri), Cancel)).Dispose();

        Assert.Equal((1, 1), (handler.OpenConnections, handler.IdleConnections));
    }

    private static RawUpstream Answering(Func<string, string> answer) => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is { } head) await connection.WriteAsync(answer(head));
    });

    private static Task<string> GetAsync(Http1Handler handler, RawUpstream upstream) => SendAsync(handler, Clients.Get(upstream.Uri));

    private static async Task<string> SendAsync(Http1Handler handler, HttpRequestMessage request)
    {
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var response = await client.SendAsync(request, Cancel);
        using var body = await response.Content.ReadAsStreamAsync(Cancel);
        using var text = new MemoryStream();
        await body.CopyToAsync(text, Cancel);
        return Encoding.ASCII.GetString(text.ToArray());
    }
}
