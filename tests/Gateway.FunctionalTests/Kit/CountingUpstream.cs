using System.Collections.Concurrent;
using Gateway.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Kit;

/// <summary>An upstream that answers 201 at once and counts who asked.</summary>
internal sealed class CountingUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _received = new();

    private CountingUpstream(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Requests by customer.</summary>
    public IReadOnlyDictionary<string, int> Received => _received;

    public static async Task<CountingUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var upstream = new CountingUpstream(app);
        app.Run(context =>
        {
            upstream._received.AddOrUpdate(context.Request.Headers[GatewayHeaders.CustomerId].ToString(), 1, (_, n) => n + 1);
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.ContentLength = 2;
            return context.Response.WriteAsync("{}");
        });
        await app.StartAsync();
        return upstream;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
