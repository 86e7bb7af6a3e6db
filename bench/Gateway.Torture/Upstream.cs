using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Torture;

/// <summary>An API that answers 201 after a moment; every third answer without a length.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private static readonly byte[] Body = "{\"token\":\"d85cd024-1548-4165-96c7-7bc88673f194\",\"status\":{\"id\":3}}"u8.ToArray();
    private readonly WebApplication _app;
    private long _received;

    private Upstream(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public long Received => Interlocked.Read(ref _received);

    /// <param name="delay">Before each answer.</param>
    public static async Task<Upstream> StartAsync(Func<TimeSpan> delay)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var upstream = new Upstream(app);
        app.Run(async context =>
        {
            var number = Interlocked.Increment(ref upstream._received);
            var wait = delay();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, TimeProvider.System, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status201Created;
            if (number % 3 != 0) context.Response.ContentLength = Body.Length;
            await context.Response.Body.WriteAsync(Body, context.RequestAborted);
        });
        await app.StartAsync();
        return upstream;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
