using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Forwarding;

/// <summary>
/// Over HTTP/2 many answers share a connection. On the thread that writes it each would be a system call of its own, which is right for HTTP/1.1 (see
/// <c>UnsafePreferInlineScheduling</c>): here they are gathered, and all that have come while the last ones were sent go in one.
/// </summary>
internal sealed class SharedSends : PipeScheduler
{
    private volatile bool _isOn;

    public static void UseIn(ListenOptions endpoint) => endpoint.Use(next => connection => MayBeHttp2(endpoint) ? ServeAsync(connection, next) : next(connection));

    /// <summary>Starts on the first request over HTTP/2: with TLS it is agreed on long after the connection was made.</summary>
    public static void Note(HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<SharedSends>() is { } sends) sends._isOn = true;
    }

    public override void Schedule(Action<object?> action, object? state)
    {
        if (_isOn) ThreadPool.Schedule(action, state);
        else action(state);
    }

    /// <summary>Without TLS an endpoint speaks HTTP/2 alone or not at all.</summary>
    private static bool MayBeHttp2(ListenOptions endpoint) =>
        endpoint.Protocols == HttpProtocols.Http2 || (endpoint.Protocols.HasFlag(HttpProtocols.Http2) && endpoint.ToString()!.StartsWith("https:", StringComparison.Ordinal));

    internal static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var (sends, transport) = (new SharedSends(), connection.Transport);
        var answers = new Pipe(new PipeOptions(readerScheduler: sends, writerScheduler: Inline, useSynchronizationContext: false));
        var sending = SendAsync(answers.Reader, transport.Output);
        connection.Features.Set(sends);
        connection.Transport = new Duplex(transport, answers.Writer);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            await answers.Writer.CompleteAsync();
            await sending;
        }
    }

    /// <summary>Does not throw: whoever writes learns at his next flush that the connection is gone.</summary>
    private static async Task SendAsync(PipeReader answers, PipeWriter client)
    {
        Exception? failure = null;
        try
        {
            var isOver = false;
            while (!isOver)
            {
                var gathered = await answers.ReadAsync();
                foreach (var segment in gathered.Buffer) client.Write(segment.Span);
                answers.AdvanceTo(gathered.Buffer.End);
                var sent = await client.FlushAsync();
                isOver = gathered.IsCompleted || sent.IsCompleted;
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        await answers.CompleteAsync(failure);
    }

    private sealed record Duplex(IDuplexPipe Transport, PipeWriter Output) : IDuplexPipe
    {
        public PipeReader Input => Transport.Input;
    }
}
