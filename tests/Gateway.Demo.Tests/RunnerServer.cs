using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Demo.Runner;
using Microsoft.AspNetCore.Builder;

namespace Gateway.Demo.Tests;

/// <summary>A runner on a port of its own, and a client for it.</summary>
internal sealed class RunnerServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunnerServer(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Client { get; }

    public static async Task<RunnerServer> StartAsync(RunnerOptions? options = null)
    {
        options ??= new RunnerOptions { EnablePython = false };
        options.Urls = "http://127.0.0.1:0";
        var app = await RunnerHost.BuildAsync(options);
        await app.StartAsync(Cancel);
        return new RunnerServer(app);
    }

    /// <summary>Skips the test where this machine has no python3.</summary>
    public static async Task<RunnerServer> StartWithPythonAsync(int workers = 2)
    {
        var server = await StartAsync(new RunnerOptions { Workers = workers });
        var languages = (await server.GetAsync("/languages")).Body!.AsArray();
        Assert.SkipUnless(languages.Any(l => (int)l!["id"]! == 71), "GET /languages offers no Python");
        return server;
    }

    public static JsonObject Program(string source, string? stdin = null, double? cpu = null, double? wall = null, int language = 63)
    {
        var program = new JsonObject { ["source_code"] = source, ["language_id"] = language };
        if (stdin is not null) program["stdin"] = stdin;
        if (cpu is not null) program["cpu_time_limit"] = cpu;
        if (wall is not null) program["wall_time_limit"] = wall;
        return program;
    }

    /// <summary>Runs a program to its end and gives what became of it.</summary>
    public async Task<JsonNode> RunAsync(JsonObject program, string query = "")
    {
        var (status, body) = await PostAsync($"/submissions?wait=true{query}", program);
        Assert.Equal(HttpStatusCode.Created, status);
        return body!;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, JsonNode body)
    {
        using var response = await Client.PostAsJsonAsync(path, body, Cancel);
        return (response.StatusCode, await BodyOf(response));
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> PostTextAsync(string path, string body)
    {
        using var content = new StringContent(body);
        using var response = await Client.PostAsync(path, content, Cancel);
        return (response.StatusCode, await BodyOf(response));
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path, Cancel);
        return (response.StatusCode, await BodyOf(response));
    }

    public async Task<string> SubmitAsync(JsonObject program)
    {
        var (status, body) = await PostAsync("/submissions", program);
        Assert.Equal(HttpStatusCode.Created, status);
        return (string)body!["token"]!;
    }

    /// <summary>Asks until the submission has the status, or the test is cancelled by the deadline.</summary>
    public async Task<JsonNode> PollAsync(string token, Func<int, bool> status)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var shown = (await Client.GetFromJsonAsync<JsonNode>($"/submissions/{token}?fields=*", deadline.Token))!;
            if (status(StatusOf(shown))) return shown;
        }
    }

    public async Task AssertStillAnswersAsync()
    {
        var result = await RunAsync(Program("console.log('alive')"));
        Assert.Equal("alive\n", (string?)result["stdout"]);
    }

    public static int StatusOf(JsonNode result) => (int)result["status"]!["id"]!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<JsonNode?> BodyOf(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
