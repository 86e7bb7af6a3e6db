using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.FunctionalTests.Kit;

/// <summary>An upstream that answers the bytes it is told to, and keeps the bytes it was sent. HTTP/1.1 by hand: nothing between the test and the socket.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private byte[] _answer = [];
    private TaskCompletionSource? _beforeRest;

    public Upstream()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    /// <summary>Each request as it arrived: head and body.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Whether a request that waits to be asked for its body is asked; otherwise it is answered without.</summary>
    public bool AsksForBodies { get; set; } = true;

    /// <summary>Heads that arrived, also of requests whose body never came whole.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>From now on every request is answered so; the connection is closed after it when the answer says so.</summary>
    public void Answer(string raw) => _answer = Encoding.Latin1.GetBytes(raw);

    /// <summary>Answers up to <c>|</c>, and the rest when the returned source is completed.</summary>
    public TaskCompletionSource AnswerInTwoParts(string raw)
    {
        Answer(raw);
        return _beforeRest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the end
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        var stream = client.GetStream();
        try
        {
            while (await RawHttp.ReadHeadAsync(stream, _stop.Token) is { } head)
            {
                Heads.Enqueue(head);
                var waits = RawHttp.Header(head, "Expect") is not null;
                if (waits && AsksForBodies) await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
                if (waits && !AsksForBodies) Requests.Enqueue(head);
                else if (await RawHttp.ReadBodyAsync(stream, head, _stop.Token) is { } body) Requests.Enqueue(head + body);
                else return;
                var text = Encoding.Latin1.GetString(_answer);
                var cut = text.IndexOf('|', StringComparison.Ordinal);
                if (_beforeRest is { } rest && cut >= 0)
                {
                    await stream.WriteAsync(_answer.AsMemory(0, cut), _stop.Token);
                    await rest.Task.WaitAsync(_stop.Token);
                    await stream.WriteAsync(_answer.AsMemory(cut + 1), _stop.Token);
                }
                else
                {
                    await stream.WriteAsync(_answer, _stop.Token);
                }

                if (text.Contains("Connection: close", StringComparison.OrdinalIgnoreCase)) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // the other side, or the test, has ended
        }
    }
}
