using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// In YARP's place where a request is plain: bytes go from the client's connection to the upstream's and back, without HTTP messages, their headers and
/// content streams in between. Everything else is YARP's.
/// </summary>
internal sealed class ShortForwarder(IHttpForwarder yarp) : IHttpForwarder
{
    private const int CopyBytes = 64 * 1024;

    /// <summary>YARP's default for <c>ActivityTimeout</c>.</summary>
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(100);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, CancellationToken.None);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer,
        CancellationToken cancellationToken)
    {
        if (httpClient is LeanInvoker lean && !cancellationToken.CanBeCanceled && ShortRequest.AddressOf(destinationPrefix) is { } address && ShortRequest.IsPlain(context, requestConfig))
        {
            var (pool, head) = (lean.Handler.PoolOf(address), new RequestHead());
            if (ShortRequest.TryWrite(context, address, pool.HostLine, head) is { } body) return SendAsync(context, address, pool, head, body, requestConfig.ActivityTimeout ?? DefaultPatience);
            head.Dispose();
        }

        GateOf(context)?.AnswerMayRun();
        return yarp.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ForwarderError> SendAsync(HttpContext context, UpstreamAddress address, ConnectionPool pool, RequestHead head, int body, TimeSpan patience)
    {
        using var owned = head;
        using var timer = ExchangeTimer.Start(patience, context.RequestAborted);
        if (body > 0)
        {
            try
            {
                await ReadAsync(context.Request.Body, head.Room(body), timer);
                head.Advance(body);
            }
            catch (Exception e)
            {
                return ForwardingFailure.OfRequestBody(context, e, timer);
            }
        }

        Http1Connection? connection = null;
        try
        {
            var mayRetry = body == 0 && Http1Connection.IsRepeatable(context.Request.Method);
            var isHead = HttpMethods.IsHead(context.Request.Method);
            var progress = HeadProgress.Ended;
            for (var retries = 0; progress == HeadProgress.Ended; retries++)
            {
                timer.Release();
                connection?.Abort();
                timer.Token.ThrowIfCancellationRequested();
                connection = pool.TryTakeFor(retries);
                connection ??= await pool.ConnectAsync(timer.Token);
                timer.Guard(connection);
                if (retries > 0) ShortRequest.TryWrite(context, address, pool.HostLine, head);
                try
                {
                    await connection.BeginAsync(head.Written, context.Response, isHead, mayRetry && retries < Http1Connection.MaxRetries);
                    head.Rest();
                    do progress = connection.Arrived(await connection.ArrivalAsync());
                    while (progress == HeadProgress.Partial);
                }
                catch (SocketException) when (connection.MayTryAnother)
                {
                    progress = HeadProgress.Ended; // reset while it was idle
                }
            }

            ObjectDisposedException.ThrowIf(!timer.Release() || connection!.IsAborted || timer.Token.IsCancellationRequested, typeof(Http1Connection));
        }
        catch (Exception e)
        {
            timer.Release();
            connection?.Abort();
            return ForwardingFailure.BeforeAnswer(context, connection is null ? e : UpstreamErrors.BeforeAnswer(e, timer.Token), timer, hasBegun: connection is { Head.HasBegun: true });
        }

        FinishHeaders(context, connection.Head);
        GateOf(context)?.HeadersArrived();
        if (!connection.Head.HasBody || NoContent.IsReset(context.Response))
        {
            connection.AnswerIsOver(isWhole: !connection.Head.HasBody);
            return ForwarderError.None;
        }

        return connection.WholeBody is { Length: > 0 } whole ? await PassWholeAsync(context, connection, whole, timer) : await CopyAsync(context, connection, timer);
    }

    /// <summary>Each piece is something that has happened: the upstream has all of the patience for itself when it has the request.</summary>
    private static async ValueTask ReadAsync(Stream body, Memory<byte> room, ExchangeTimer timer)
    {
        while (!room.IsEmpty)
        {
            var read = await body.ReadAsync(room, timer.Token);
            if (read == 0) throw new EndOfStreamException();
            room = room[read..];
            timer.Restart();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ForwarderError> PassWholeAsync(HttpContext context, Http1Connection connection, ReadOnlyMemory<byte> body, ExchangeTimer timer)
    {
        timer.Restart(); // the charge is written before the last byte, and may take its time
        try
        {
            await context.Response.Body.WriteAsync(body, timer.Token);
        }
        catch (Exception e)
        {
            connection.Abort();
            return ForwardingFailure.InAnswer(context, e, isUpstream: false);
        }

        connection.WholeBodyIsRead();
        return ForwarderError.None;
    }

    /// <summary>Holds a buffer while there is something to pass on, and none while it waits.</summary>
    private static async ValueTask<ForwarderError> CopyAsync(HttpContext context, Http1Connection connection, ExchangeTimer timer)
    {
        if (GateOf(context) is { } gate)
        {
            gate.AnswerMayRun();
            timer.AlsoFollow(context.RequestAborted);
        }

        timer.Restart();
        var isUpstream = true;
        await using var body = new ResponseBody(connection, connection.Head);
        try
        {
            while (true)
            {
                _ = await body.ReadAsync(Memory<byte>.Empty, timer.Token);
                var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
                try
                {
                    var read = await body.ReadAsync(buffer, timer.Token);
                    if (read == 0) break;
                    timer.Restart();
                    isUpstream = false;
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), timer.Token);
                    isUpstream = true;
                    timer.Restart();
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception e)
        {
            return ForwardingFailure.InAnswer(context, e, isUpstream);
        }

        PassTrailers(context, body);
        return ForwarderError.None;
    }

    private static void FinishHeaders(HttpContext context, ResponseHead head)
    {
        var response = context.Response;
        if (head.ConnectionOptions is { } options) HopByHop.Remove(options, response.Headers);
        NoContent.RemoveLength(response);
        if (head.Framing is { HasTransferEncoding: true, Length: not null }) response.Headers.Remove("Content-Length");
    }

    private static void PassTrailers(HttpContext context, ResponseBody body)
    {
        if (body.Trailers is not { } trailers || context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is not { IsReadOnly: false } client) return;
        foreach (var (name, value) in trailers)
        {
            if (!HeaderNames.AreForOneHop(name)) client[name] = Microsoft.Extensions.Primitives.StringValues.Concat(client[name], value);
        }
    }

    private static GatedResponseBody? GateOf(HttpContext context) => context.Features.Get<IHttpResponseBodyFeature>() as GatedResponseBody;
}
