using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Forwarding;

/// <summary>
/// Over HTTP/2 many answers share a connection. On the thread that writes it each would be a system call of its own, which is right for HTTP/1.1 (see
/// <c>UnsafePreferInlineScheduling</c>): here they are gathered, and all that have come while the last ones were sent go in one.
/// </summary>
internal static class SharedSends
{
    /// <summary>For endpoints that speak HTTP/2 alone; of others it is not known before TLS what they will speak.</summary>
    public static void UseIn(ListenOptions endpoint) =>
        endpoint.Use(next => connection => endpoint.Protocols == HttpProtocols.Http2 ? ServeAsync(connection, next) : next(connection));

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        var answers = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        var sending = SendAsync(answers.Reader, transport.Output);
        connection.Transport = new Duplex(transport.Input, answers.Writer);
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

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
