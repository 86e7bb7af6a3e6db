using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Demo.Runner;
using Microsoft.AspNetCore.Builder;

namespace Gateway.Demo.Tests;

/// <summary>A code runner on a real socket.</summary>
internal sealed class RunnerBench : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunnerBench(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public static async Task<RunnerBench> StartAsync(RunnerOptions? options = null)
    {
        options ??= new RunnerOptions { MaxQueue = 1000 };
        options.Urls = "http://127.0.0.1:0";
        var app = await RunnerHost.BuildAsync(options);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunnerBench(app);
    }

    /// <summary>Submits and waits for the verdict.</summary>
    public Task<(int Status, JsonNode Body)> RunAsync(string source, int language = 63, string stdin = "", object? limits = null)
    {
        var body = JsonSerializer.SerializeToNode(limits ?? new { })!.AsObject();
        body["source_code"] = source;
        body["language_id"] = language;
        body["stdin"] = stdin;
        return PostAsync("/submissions?wait=true", body.ToJsonString());
    }

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    public async Task<(int Status, JsonNode Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    public async Task NeedsPythonAsync()
    {
        var (_, languages) = await GetAsync("/languages");
        Assert.SkipUnless(languages.AsArray().Any(l => l!["id"]!.GetValue<int>() == 71), "python3 is not installed");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
