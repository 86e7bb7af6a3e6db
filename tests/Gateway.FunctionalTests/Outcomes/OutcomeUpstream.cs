using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>
/// An API that ends as its path says: <c>…/{kind}/{ending}/{id}</c>. HTTP/1.1 and WebSockets on one port, HTTP/2 without TLS on the other. What it does after
/// its first part waits for the test's word, so that nothing depends on time.
/// </summary>
internal sealed class OutcomeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _released = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _arrived = new();

    private OutcomeUpstream(WebApplication app) => _app = app;

    public Uri Http1 { get; private set; } = null!;

    public Uri Http2 { get; private set; } = null!;

    public static async Task<OutcomeUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var upstream = new OutcomeUpstream(app);
        app.UseWebSockets();
        app.Run(upstream.ServeAsync);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (upstream.Http1, upstream.Http2) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return upstream;
    }

    /// <summary>The request has reached the upstream.</summary>
    public Task ArrivedAsync(string id) => Of(_arrived, id).Task;

    /// <summary>The upstream goes on after its first part.</summary>
    public void Release(string id) => Of(_released, id).TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static TaskCompletionSource Of(ConcurrentDictionary<string, TaskCompletionSource> signals, string id) =>
        signals.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ServeAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/');
        var (kind, ending, id) = (parts[^3], parts[^2], parts[^1]);
        try
        {
            if (ending == "hang" && kind is ("http" or "sse")) await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted); // arrived is what is here whole
            Of(_arrived, id).TrySetResult();
            if (ending == "hang") await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            if (ending == "reset-early")
            {
                context.Abort();
                return;
            }

            await (kind switch
            {
                "ws" => ServeSocketAsync(context, ending, id),
                "grpc" => ServeGrpcAsync(context, ending, id),
                _ => ServeHttpAsync(context, kind, ending, id),
            });
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException)
        {
            // the other side has ended it
        }
    }

    /// <summary>More than fits into any buffer between here and the client, until somebody breaks it off.</summary>
    private static async Task FloodAsync(Func<ReadOnlyMemory<byte>, ValueTask> send)
    {
        var part = new byte[64 * 1024]; // to gRPC, empty messages
        while (true) await send(part);
    }

    private async Task ServeHttpAsync(HttpContext context, string kind, string ending, string id)
    {
        if (ending == "sending") await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        if (int.TryParse(ending, out var status)) context.Response.StatusCode = status;
        if (kind == "sse") context.Response.ContentType = "text/event-stream";
        if (kind == "http" && ending == "ok") context.Response.ContentLength = 5;
        await context.Response.WriteAsync(kind == "sse" ? "data: 1\n\n" : "hello", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await GoOnAsync(context, ending, id);
    }

    private async Task ServeGrpcAsync(HttpContext context, string ending, string id)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        if (ending is "ok" or "open" or "reset-mid" or "finish" or "flood")
        {
            await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 1, 42 }, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        await GoOnAsync(context, ending, id);
        if (ending == "reset-mid") return;
        context.Response.AppendTrailer("grpc-status", ending switch { "403" => "7", "500" => "13", _ => "0" });
    }

    private async Task ServeSocketAsync(HttpContext context, string ending, string id)
    {
        if (int.TryParse(ending, out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
        if (ending == "flood") await FloodAsync(part => socket.SendAsync(part, WebSocketMessageType.Binary, endOfMessage: true, context.RequestAborted));
        await GoOnAsync(context, ending, id);
        if (ending is "ok" or "finish") await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
    }

    private async Task GoOnAsync(HttpContext context, string ending, string id)
    {
        if (ending == "open") await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        if (ending == "flood") await FloodAsync(part => context.Response.Body.WriteAsync(part, context.RequestAborted));
        if (ending is not ("reset-mid" or "finish")) return;
        await Of(_released, id).Task.WaitAsync(context.RequestAborted);
        _released.TryRemove(id, out _); // the same request may come again
        if (ending == "finish") return;
        if (context.Features.Get<IHttpResetFeature>() is { } reset) reset.Reset(2);
        else context.Abort();
    }
}
