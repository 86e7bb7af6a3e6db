using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Demo.Runner;

/// <summary>A code-execution API in Judge0's shape that really runs programs.</summary>
public static class RunnerHost
{
    /// <summary>A server ready to start. With port 0 in <see cref="RunnerOptions.Urls"/> its <c>Urls</c> tell the port once it has started.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="ownsProcess">Whether Ctrl+C and SIGTERM end it: for a process that does nothing else.</param>
    public static async Task<WebApplication> BuildAsync(RunnerOptions options, bool ownsProcess = false)
    {
        var languages = await LanguageList.DetectAsync(options.EnablePython);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (ownsProcess) builder.Host.UseConsoleLifetime();
        builder.Logging.AddConsole().SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what fails to start is told once, by who started it
        builder.WebHost.UseKestrelCore().UseUrls(options.Urls).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore().AddSingleton(_ => new JobQueue(options.MaxQueue, options.Workers));
        var app = builder.Build();
        var queue = app.Services.GetRequiredService<JobQueue>();

        app.UseRouting();
        app.Use((context, next) => options.AuthToken is null || context.Request.Headers["X-Auth-Token"] == options.AuthToken
            ? next(context)
            : context.WriteAsync(401, new JsonObject { ["error"] = "unauthorized" }));
        new SubmissionEndpoints(queue, languages).Map(app);
        app.MapGet("/languages", (RequestDelegate)(context =>
            context.WriteAsync(200, new JsonArray([.. languages.All.Select(l => new JsonObject { ["id"] = l.Id, ["name"] = l.Name })]))));
        app.MapGet("/languages/{id:int}", (RequestDelegate)(context => languages.Find(long.Parse((string)context.Request.RouteValues["id"]!)) is { } found
            ? context.WriteAsync(200, new JsonObject { ["id"] = found.Id, ["name"] = found.Name, ["is_archived"] = false })
            : context.WriteAsync(404, new JsonObject { ["error"] = "not found" })));
        app.MapGet("/statuses", (RequestDelegate)(context =>
            context.WriteAsync(200, new JsonArray([.. ResultJson.Statuses.Select(s => ResultJson.Status(s.Verdict))]))));
        app.MapGet("/about", (RequestDelegate)(context => context.WriteAsync(200, new JsonObject { ["version"] = "0.1.0" })));
        app.MapGet("/version", (RequestDelegate)(context => context.Response.WriteAsync("0.1.0")));
        app.MapGet("/health", (RequestDelegate)(context => context.WriteAsync(200, new JsonObject { ["status"] = "ok" })));
        app.MapGet("/runner/stats", (RequestDelegate)(context =>
            context.WriteAsync(200, new JsonObject { ["received"] = queue.Received, ["executed"] = queue.Executed })));
        return app;
    }

    /// <summary>With a length, as Judge0 answers.</summary>
    internal static async Task WriteAsync(this HttpContext context, int status, JsonNode body)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, Readable);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
