using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Bench.Arms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Bench.Children;

/// <summary>A gateway written in an afternoon: reserve, forward, report, each awaited, with the platform's own HTTP client.</summary>
internal sealed class TutorialChild(HttpClient paygentic, HttpClient upstream, int customers)
{
    private long _requests = -1;

    public static async Task RunAsync(string urls, Uri upstream, Uri paygentic, int customers)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        using var billing = new HttpClient { BaseAddress = paygentic, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Traffic.PaygenticKey) } };
        using var api = new HttpClient { BaseAddress = upstream };
        var child = new TutorialChild(billing, api, customers);
        app.MapGet("/{**path}", (Delegate)child.ForwardAsync);
        app.Urls.Add(urls);
        await app.RunAsync();
    }

    private async Task<IResult> ForwardAsync(HttpContext context)
    {
        if (context.Request.Headers["X-API-Key"] != Traffic.Key) return Results.Unauthorized();
        var customer = SandboxProcess.CustomerId((int)(Interlocked.Increment(ref _requests) % customers));
        using var entitled = await paygentic.PostAsJsonAsync("/v0/entitlements", new JsonObject
        {
            ["merchantId"] = Traffic.Merchant,
            ["customerId"] = customer,
            ["maxUses"] = 1,
            ["entitlementData"] = new JsonArray(new JsonObject { ["billableMetricId"] = Traffic.RequestsMetric, ["quantity"] = 1 }),
        });
        if (!entitled.IsSuccessStatusCode) return Results.StatusCode(StatusCodes.Status402PaymentRequired);
        var entitlement = (string)(await entitled.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;

        using var answer = await upstream.GetAsync(context.Request.Path + context.Request.QueryString);
        var body = await answer.Content.ReadAsByteArrayAsync();

        using var reported = await paygentic.PostAsJsonAsync("/v0/usage", new JsonObject
        {
            ["idempotencyKey"] = Guid.NewGuid().ToString(),
            ["merchantId"] = Traffic.Merchant,
            ["customerId"] = customer,
            ["timestamp"] = TimeProvider.System.GetUtcNow().ToString("O"),
            ["entitlementId"] = entitlement,
            ["properties"] = new JsonArray(new JsonObject { ["billableMetricId"] = Traffic.RequestsMetric, ["quantity"] = 1 }),
        });
        return reported.IsSuccessStatusCode ? Results.Bytes(body, answer.Content.Headers.ContentType?.ToString()) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }
}
