using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>Whatever a request waits for, it stops waiting, and its connection serves nobody else.</summary>
public sealed class CancellationTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_cancelled_before_is_not_sent()
    {
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(Clients.Get(Nowhere), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Connecting_is_cancelled()
    {
        using var full = new FullListener();
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sending = client.SendAsync(Clients.Get(full.Uri), cancelled.Token);
        Assert.False(sending.IsCompleted);

        await cancelled.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(cancelled.Token, e.CancellationToken);
        Assert.Equal(0, handler.OpenConnections);
    }

    [Fact]
    public async Task Connecting_takes_no_longer_than_it_may()
    {
        using var full = new FullListener();
        var clock = new FakeTimeProvider();
        using var handler = Clients.Lean(clock: clock);
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        var sending = client.SendAsync(Clients.Get(full.Uri), Cancel);

        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        var e = await Assert.ThrowsAsync<TaskCanceledException>(() => sending);
        Assert.IsType<TimeoutException>(e.InnerException);
        Assert.Contains("ConnectTimeout", e.Message, StringComparison.Ordinal); // YARP looks for it
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 2")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")]
    public async Task Waiting_for_an_answer_is_cancelled(string beginning)
    {
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        await using var upstream = Beginning(beginning, begun, end);
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sending = client.SendAsync(Clients.Get(upstream.Uri), cancelled.Token);
        await begun.Task;

        await cancelled.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(cancelled.Token, e.CancellationToken);
        await end.Task; // the upstream sees it
        Assert.Equal(0, handler.OpenConnections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab", 4)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nab", 65_536)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nab", 0)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab", 65_536)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nab", 0)]
    public async Task Reading_an_answer_is_cancelled(string beginning, int bufferSize)
    {
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        await using var upstream = Beginning(beginning, begun, end);
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var response = await client.SendAsync(Clients.Get(upstream.Uri), Cancel);
        using var body = await response.Content.ReadAsStreamAsync(Cancel);
        await body.ReadExactlyAsync(new byte[2], Cancel);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = body.ReadAsync(new byte[bufferSize], cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        await end.Task;
        Assert.Equal(0, handler.OpenConnections);
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancel)); // never an end that is none
    }

    [Fact]
    public async Task Waiting_for_a_connection_is_cancelled_and_takes_none_from_others()
    {
        var (begun, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = new RawUpstream(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                begun.TrySetResult();
                await release.Task;
                await connection.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n");
            }
        });
        using var handler = Clients.Lean(h => h.MaxConnectionsPerServer = 1);
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var first = client.SendAsync(Clients.Get(upstream.Uri), Cancel);
        await begun.Task;
        var second = client.SendAsync(Clients.Get(upstream.Uri), cancelled.Token);
        var third = client.SendAsync(Clients.Get(upstream.Uri), Cancel);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        release.SetResult();

        Assert.Equal(HttpStatusCode.NoContent, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await third).StatusCode);
        Assert.Equal((1, 1, 1), (upstream.Accepted, handler.OpenConnections, handler.IdleConnections));
    }

    [Fact]
    public async Task A_token_cancelled_after_the_answer_harms_nobody()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null) await connection.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n");
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);

        for (var i = 0; i < 200; i++)
        {
            using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            using var response = await client.SendAsync(Clients.Get(upstream.Uri), source.Token);
            var next = client.SendAsync(Clients.Get(upstream.Uri), Cancel);
            await source.CancelAsync();
            Assert.Equal(HttpStatusCode.NoContent, (await next).StatusCode);
        }

        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task Cancellation_at_any_moment_leaves_whole_answers_only()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            while (await connection.ReadHeadAsync() is { } head)
            {
                var id = head.Split(' ')[1][1..];
                await connection.WriteAsync($"HTTP/1.1 200 OK\r\nX-Id: {id}\r\nContent-Length: {id.Length}\r\n\r\n");
                await connection.WriteAsync(id);
            }
        });
        using var handler = Clients.Lean();
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);

        var answered = 0;
        await Parallel.ForAsync(0, 3000, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (i, _) =>
        {
            using var source = new CancellationTokenSource(i % 41 == 40 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(i % 41 * 25)); // some in full, however slow the machine is
            var answer = await Attempt(() => client.SendAsync(Clients.Get(new Uri(upstream.Uri, $"/{i}")), source.Token), source.Token);
            if (answer is null) return;
            Interlocked.Increment(ref answered);
            Assert.Equal($"{i} {i}", answer);
        });

        Assert.Equal(handler.IdleConnections, handler.OpenConnections);
        Assert.True(answered >= 3000 / 41);
    }

    private static async Task<string?> Attempt(Func<Task<HttpResponseMessage>> send, CancellationToken token)
    {
        try
        {
            using var response = await send();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(token));
            return $"{response.Headers.GetValues("X-Id").Single()} {await reader.ReadToEndAsync(token)}";
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return null;
        }
    }

    private static RawUpstream Beginning(string beginning, TaskCompletionSource begun, TaskCompletionSource<string> end) => new(async connection =>
    {
        await connection.ReadHeadAsync();
        await connection.WriteAsync(beginning);
        begun.SetResult();
        end.SetResult(await connection.ReadToEndAsync());
    });

    /// <summary>Takes no connection: its queue is full, and the kernel lets the next one wait.</summary>
    private sealed class FullListener : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _waiting = [];

        public FullListener()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(1);
            for (var i = 0; i < 8; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _waiting.Add(socket);
                try
                {
                    socket.Connect(_listener.LocalEndPoint!);
                }
                catch (SocketException)
                {
                    // in progress
                }
            }
        }

        public Uri Uri => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");

        public void Dispose()
        {
            _listener.Dispose();
            foreach (var socket in _waiting) socket.Dispose();
        }
    }
}
