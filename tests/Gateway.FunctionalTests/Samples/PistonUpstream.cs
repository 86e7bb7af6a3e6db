using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Samples;

/// <summary>Piston's API over the code runner: its routes, shapes and errors; the programs are real.</summary>
internal sealed class PistonUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _runner;

    private PistonUpstream(WebApplication app, HttpClient runner) => (_app, _runner) = (app, runner);

    public Uri Address => new(_app.Urls.First());

    public static async Task<PistonUpstream> StartAsync(Uri runner)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var piston = new PistonUpstream(app, new HttpClient { BaseAddress = runner });
        app.UseWebSockets();
        app.UseRouting();
        app.MapGet("/api/v2/runtimes", (RequestDelegate)(context => context.Response.WriteAsJsonAsync(new[] { new { language = "javascript", version = "18.15.0" } })));
        app.MapPost("/api/v2/execute", (RequestDelegate)piston.ExecuteAsync);
        app.MapGet("/api/v2/connect", (RequestDelegate)piston.ConnectAsync);
        app.UseEndpoints(_ => { });
        await app.StartAsync();
        return piston;
    }

    public ValueTask DisposeAsync()
    {
        _runner.Dispose();
        return _app.DisposeAsync();
    }

    private async Task ExecuteAsync(HttpContext context)
    {
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            context.Response.StatusCode = 415;
            await context.Response.WriteAsJsonAsync(new { message = "requests must be of type application/json" });
            return;
        }

        var asked = await context.Request.ReadFromJsonAsync<JsonNode>();
        if (asked?["files"] is not JsonArray { Count: > 0 } files)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { message = "files is required as an array" });
            return;
        }

        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["run"] = await RunAsync(files[0]!["content"]!.GetValue<string>()),
            ["language"] = asked["language"]?.DeepClone(),
            ["version"] = "18.15.0",
        });
    }

    private async Task<JsonObject> RunAsync(string source)
    {
        using var answer = await _runner.PostAsJsonAsync("/submissions?wait=true", new { language_id = 63, source_code = source });
        var result = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        var time = result["time"]?.GetValue<string>() is { } seconds ? decimal.Parse(seconds, CultureInfo.InvariantCulture) * 1000 : (decimal?)null;
        return new JsonObject { ["stdout"] = result["stdout"]?.DeepClone(), ["code"] = result["status"]!["id"]!.GetValue<int>() == 3 ? 0 : 1, ["wall_time"] = time };
    }

    /// <summary>One job per connection: init, then runtime, data, exit, and close code 4999.</summary>
    private async Task ConnectAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
        var init = JsonNode.Parse(buffer.AsSpan(0, received.Count))!;
        await SendAsync(socket, new JsonObject { ["type"] = "runtime", ["language"] = "javascript" });
        var run = await RunAsync(init["files"]![0]!["content"]!.GetValue<string>());
        await SendAsync(socket, new JsonObject { ["type"] = "data", ["stream"] = "stdout", ["data"] = run["stdout"]?.DeepClone() });
        await SendAsync(socket, new JsonObject { ["type"] = "exit", ["stage"] = "run", ["code"] = run["code"]!.DeepClone() });
        await socket.CloseAsync((WebSocketCloseStatus)4999, "Job Completed", context.RequestAborted);
    }

    private static Task SendAsync(WebSocket socket, JsonObject message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
}
