using System.Globalization;
using System.Text;
using Gateway.Bench.Arms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Bench.Children;

/// <summary>An API with nothing in it: a small answer, or at <c>/bytes/N</c> one of N bytes, or at <c>/delay/MS</c> a late one.</summary>
internal static class UpstreamChild
{
    private const int Backlog = 4096; // thousands of connections may come at once
    private const int MaxBytes = 64 * 1024 * 1024;
    private static readonly byte[] Small = Encoding.ASCII.GetBytes(UpstreamProcess.Json);
    private static readonly byte[] Block = new byte[64 * 1024];

    public static async Task RunAsync(string urls)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.Backlog = Backlog).UseUrls(urls).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System); // until the bench ends it
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (Number(path, "/delay/") is { } milliseconds and > 0) await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, context.RequestAborted);
        context.Response.ContentType = "application/json";
        var bytes = Number(path, "/bytes/") ?? Small.Length;
        context.Response.ContentLength = bytes;
        if (bytes == Small.Length)
        {
            await context.Response.Body.WriteAsync(Small, context.RequestAborted);
            return;
        }

        for (var left = Math.Min(bytes, MaxBytes); left > 0; left -= Block.Length)
            await context.Response.Body.WriteAsync(Block.AsMemory(0, Math.Min(left, Block.Length)), context.RequestAborted);
    }

    private static int? Number(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(path.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
