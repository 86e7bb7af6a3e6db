using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Gateway.Torture.Streams;

/// <summary>An API that sends server-sent events, on <c>/streams/{group}</c>, until its group is told to end. A process of its own.</summary>
internal sealed class EventUpstream(TimeSpan interval)
{
    private static readonly byte[] Event = "event: token\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"}}]}\n\n"u8.ToArray();
    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public static async Task<int> RunAsync(int http1Port, int http2Port, int intervalMilliseconds, CancellationToken stop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, http1Port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, http2Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using var app = builder.Build();
        app.Run(new EventUpstream(TimeSpan.FromMilliseconds(intervalMilliseconds)).ServeAsync);
        await app.StartAsync(stop);
        Console.WriteLine("The upstream is ready.");
        await app.WaitForShutdownAsync(stop);
        return 0;
    }

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/');
        if (path[1] == "streams") await StreamAsync(context, Of(path[2]));
        else if (path[1] == "end") Of(path[2]).End(TimeSpan.FromSeconds(double.Parse(context.Request.Query["over"]!, CultureInfo.InvariantCulture)));
        else context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private Group Of(string name) => _groups.GetOrAdd(name, _ => new Group());

    private async Task StreamAsync(HttpContext context, Group group)
    {
        context.Response.ContentType = "text/event-stream";
        using var own = CancellationTokenSource.CreateLinkedTokenSource(group.Ended, context.RequestAborted);
        try
        {
            for (var pause = interval * Random.Shared.NextDouble(); ; pause = interval)
            {
                await context.Response.Body.WriteAsync(Event, own.Token);
                await context.Response.Body.FlushAsync(own.Token);
                await Task.Delay(pause, TimeProvider.System, own.Token);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Task.Delay(group.Over * Random.Shared.NextDouble(), TimeProvider.System, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The proxy has gone.
        }
    }

    private sealed class Group : IDisposable
    {
        private readonly CancellationTokenSource _end = new();

        public CancellationToken Ended => _end.Token;

        /// <summary>Its streams end at any time within this.</summary>
        public TimeSpan Over { get; private set; }

        public void End(TimeSpan over)
        {
            Over = over;
            _end.Cancel();
        }

        public void Dispose() => _end.Dispose();
    }
}
