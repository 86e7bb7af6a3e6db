using System.Net.Sockets;
using System.Text;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>A body that is sent only when it is asked for, and requests that are sent before the last one is answered.</summary>
public sealed class ContinueTests(WireWorld world) : IClassFixture<WireWorld>
{
    private const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";

    [Theory]
    [InlineData("/")]
    [InlineData("/inspected/")]
    [InlineData("/free/")]
    public async Task A_body_is_sent_when_it_was_asked_for(string path)
    {
        Prepare(asksForBodies: true);
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        await SendAsync(stream, Head(path, World.Key));

        Assert.Equal(Continue, await RawHttp.ReadHeadAsync(stream, Patience));
        await SendAsync(stream, "{}");

        Assert.StartsWith("HTTP/1.1 200 ", await RawHttp.ReadMessageAsync(stream, Patience), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{}", Assert.Single(world.Upstream.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_the_upstream_does_not_want_is_not_asked_for()
    {
        Prepare(asksForBodies: false);
        world.Upstream.Answer("HTTP/1.1 413 Too much\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        using var client = await ConnectAsync();
        await SendAsync(client.GetStream(), Head("/", World.Key).Replace("Content-Length: 2", "Content-Length: 1025", StringComparison.Ordinal));

        var answer = await RawHttp.ReadHeadAsync(client.GetStream(), Patience);
        Assert.Single(world.Upstream.Heads);
        Assert.StartsWith("HTTP/1.1 413 Too much", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "not_a_key_of_anybody", "", 401)]
    [InlineData("/inspected/", World.Key, "Content-Encoding: gzip\r\n", 415)]
    [InlineData("/inspected/", World.Key, "Content-Length: 99999999", 413)]
    [InlineData("/free/..%2f", World.Key, "", 400)]
    public async Task A_body_that_the_gateway_refuses_is_not_asked_for(string path, string key, string header, int status)
    {
        Prepare(asksForBodies: true);
        var head = Head(path, key);
        head = header.StartsWith("Content-Length", StringComparison.Ordinal)
            ? head.Replace("Content-Length: 2", header, StringComparison.Ordinal)
            : head.Replace("Expect", header + "Expect", StringComparison.Ordinal);

        using var client = await ConnectAsync();
        await SendAsync(client.GetStream(), head);

        var answer = await RawHttp.ReadHeadAsync(client.GetStream(), Patience);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Empty(world.Upstream.Heads);
    }

    [Fact]
    public async Task Requests_sent_ahead_on_one_connection_are_answered_in_their_order_and_each_is_charged()
    {
        Prepare(asksForBodies: true);
        var (_, before) = await world.EndedAsync(world.Held());
        string[] requests =
        [
            $"POST /1 HTTP/1.1\r\nHost: h\r\nX-API-Key: {World.Key}\r\nContent-Length: 3\r\n\r\none",
            $"HEAD /2 HTTP/1.1\r\nHost: h\r\nX-API-Key: {World.Key}\r\n\r\n",
            "GET /3 HTTP/1.1\r\nHost: h\r\nX-API-Key: not_a_key_of_anybody\r\n\r\n",
            $"PUT /4 HTTP/1.1\r\nHost: h\r\nX-API-Key: {World.Key}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n",
            $"GET /5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-API-Key: {World.Key}\r\n\r\n",
        ];
        world.Upstream.Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        var answers = await RawHttp.ExchangeAsync(world.Http1, string.Concat(requests));

        Assert.Equal(["200", "200", "401", "200", "200"], answers.Split("HTTP/1.1 ").Skip(1).Select(a => a[..3]));
        Assert.Equal(["/1", "/2", "/4", "/5"], world.Upstream.Requests.Select(r => r.Split(' ')[1]));
        Assert.Equal(before + 4, (await world.EndedAsync(world.Held())).Charged);
    }

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System).Token;

    private static string Head(string path, string key) =>
        $"POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";

    private static Task SendAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    private void Prepare(bool asksForBodies)
    {
        world.Upstream.AsksForBodies = asksForBodies;
        world.Upstream.Heads.Clear();
        world.Upstream.Requests.Clear();
        world.Upstream.Answer(WireRow.Ok);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(world.Http1.Host, world.Http1.Port);
        return client;
    }
}
