using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Sandbox.Tests;

/// <summary>A sandbox on a real socket with a clock that only tests move.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Bench(WebApplication app, FakeTimeProvider clock)
    {
        _app = app;
        Clock = clock;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_sandbox");
    }

    public FakeTimeProvider Clock { get; }

    public HttpClient Client { get; }

    public static async Task<Bench> StartAsync(Func<SandboxOptions, SandboxOptions>? change = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new SandboxOptions { Urls = "http://127.0.0.1:0", KeepEvents = 1000, Seed = SandboxSeed.Read(SeedFile()) };
        var app = SandboxHost.Build(change?.Invoke(options) ?? options, clock: clock);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Bench(app, clock);
    }

    public static string Usage(string key, long quantity = 1, string? entitlement = null, string metric = "bm_basic", string customer = "cus_demo")
    {
        var entitlementId = entitlement is null ? "null" : $"\"{entitlement}\"";
        return $$"""
            {"idempotencyKey":"{{key}}","customerId":"{{customer}}","merchantId":"org_sandbox","timestamp":"2026-01-01T00:00:00Z",
             "entitlementId":{{entitlementId}},"properties":[{"billableMetricId":"{{metric}}","quantity":{{quantity}}}]}
            """;
    }

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    public async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task<(int Status, JsonNode Body)> ReserveAsync(long quantity, int maxUses = 1, string customer = "cus_demo") => PostAsync(
        "/v0/entitlements",
        $$"""
        {"merchantId":"org_sandbox","customerId":"{{customer}}","maxUses":{{maxUses}},
         "entitlementData":[{"billableMetricId":"bm_basic","quantity":{{quantity}}}]}
        """);

    public async Task<JsonNode> LedgerAsync() => JsonNode.Parse((await GetAsync("/sandbox/ledger")).Text)!;

    /// <summary>Charged, reserved and free of the first customer.</summary>
    public async Task<(long Charged, long Reserved, long Free)> MoneyAsync()
    {
        var row = (await LedgerAsync())["customers"]![0]!;
        return (Units(row["charged"]), Units(row["reserved"]), Units(row["free"]));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static string SeedFile([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "config", "sandbox.json"));

    private static long Units(JsonNode? node) => long.Parse(node!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
}
