using System.Text;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>Request and answer at the same time.</summary>
public sealed class UploadTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_leave_at_once_when_the_body_is_slow()
    {
        var arrived = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            arrived.SetResult();
            Assert.Equal("5\r\nhello\r\n0\r\n\r\n", await connection.ReadUntilAsync("0\r\n\r\n"));
            await connection.WriteAsync(Ok);
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody("", "hello");
        var sending = client.SendAsync(Post(upstream, body), Cancel);

        await arrived.Task;
        body.GoOn();

        Assert.Equal("ok", await ReadAsync(await sending));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_may_come_before_the_request_is_whole(bool hasStarted)
    {
        var received = new TaskCompletionSource<string>();
        await using var upstream = new RawUpstream(async connection =>
        {
            if (await connection.ReadHeadAsync() is null) return;
            await connection.WriteAsync(Ok);
            if (connection.Number > 1) return;
            received.SetResult(await connection.ReadUntilAsync("0\r\n\r\n"));
            if (await connection.ReadHeadAsync() is not null) await connection.WriteAsync(Ok);
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody(hasStarted ? "abc" : "", "defg");

        Assert.Equal("ok", await ReadAsync(await client.SendAsync(Post(upstream, body), Cancel)));
        Assert.Equal(0, handler.IdleConnections); // its request is under way
        body.GoOn();

        Assert.Null(await body.Taken);
        Assert.Equal($"{(hasStarted ? "3\r\nabc\r\n" : "")}4\r\ndefg\r\n0\r\n\r\n", await received.Task);
        while (handler.IdleConnections == 0) await Task.Yield();
        Assert.Equal("ok", await ReadAsync(await client.SendAsync(Clients.Get(upstream.Uri), Cancel)));
        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task An_upstream_that_answers_and_takes_no_more_is_heard()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody("", new string('x', 8 * 1024 * 1024));
        using var response = await client.SendAsync(Post(upstream, body), Cancel);

        Assert.Equal("no", await ReadAsync(response));
        body.GoOn();

        Assert.IsAssignableFrom<IOException>(await body.Taken);
        while (handler.OpenConnections != 0) await Task.Yield();
    }

    [Fact]
    public async Task A_body_that_breaks_off_breaks_the_request_off()
    {
        var rest = new TaskCompletionSource<string>();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            rest.SetResult(await connection.ReadToEndAsync());
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody("abc", "");
        var sending = client.SendAsync(Post(upstream, body), Cancel);

        body.Break();

        await Assert.ThrowsAsync<HttpRequestException>(() => sending);
        Assert.Equal("3\r\nabc\r\n", await rest.Task); // no last chunk: nobody may take it for whole
        while (handler.OpenConnections != 0) await Task.Yield();
    }

    [Fact]
    public async Task A_body_that_breaks_off_breaks_the_answer_off_too()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok");
            await connection.ReadToEndAsync();
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody("abc", "");
        using var response = await client.SendAsync(Post(upstream, body), Cancel);

        body.Break();

        await Assert.ThrowsAnyAsync<IOException>(() => ReadAsync(response));
        while (handler.OpenConnections != 0) await Task.Yield();
    }

    [Fact]
    public async Task An_upstream_that_closes_while_the_client_still_sends_is_noticed_at_once()
    {
        await using var upstream = new RawUpstream(async connection => await connection.ReadHeadAsync());
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody("", "never");

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(Post(upstream, body), Cancel));

        Assert.Equal(HttpRequestError.ResponseEnded, failure.HttpRequestError);
        body.GoOn();
        Assert.IsAssignableFrom<IOException>(await body.Taken);
    }

    [Fact]
    public async Task A_cancelled_body_closes_the_connection_after_the_answer_too()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Ok);
            await connection.ReadToEndAsync();
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var body = new SlowBody("abc", "");
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Assert.Equal("ok", await ReadAsync(await client.SendAsync(Post(upstream, body), cancelled.Token)));

        await cancelled.CancelAsync();

        while (handler.OpenConnections != 0) await Task.Yield();
    }

    private static HttpRequestMessage Post(RawUpstream upstream, HttpContent body) => new(HttpMethod.Post, upstream.Uri) { Content = body };

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        using var body = await response.Content.ReadAsStreamAsync(Cancel);
        using var text = new MemoryStream();
        await body.CopyToAsync(text, Cancel);
        return Encoding.ASCII.GetString(text.ToArray());
    }
}
