using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Bench.Arms;

/// <summary>Writes a gateway's configuration file.</summary>
/// <param name="setup">What is measured.</param>
/// <param name="world">The upstream and the paths.</param>
internal sealed class GatewayConfig(GatewaySetup setup, ArmWorld world)
{
    public const string AdminToken = "bench";

    public JsonObject Write(Uri address, Uri admin, string data, Uri paygentic, string? redis)
    {
        var gateway = new JsonObject
        {
            ["DataDirectory"] = data,
            ["Paygentic"] = new JsonObject { ["BaseUrl"] = paygentic.ToString(), ["ApiKey"] = Traffic.PaygenticKey, ["MerchantId"] = Traffic.Merchant },
            ["Admin"] = new JsonObject { ["Url"] = admin.ToString(), ["Token"] = AdminToken },
            ["ApiKeys"] = Keys(),
            ["Metrics"] = new JsonObject(Enumerable.Range(0, Math.Max(2, setup.Meters)).Select(i =>
                KeyValuePair.Create<string, JsonNode?>(MetricName(i), new JsonObject { ["BillableMetricId"] = SandboxProcess.MetricId(i), ["Unit"] = "unit", ["Rounding"] = i == 1 ? "Carry" : "Ceiling" }))),
            ["Routes"] = new JsonObject(ProxyJson.RouteIds(setup.Routes).Select(id => KeyValuePair.Create<string, JsonNode?>(id, Route()))),
        };
        if (setup.Aggregate is { } window) gateway["Shipping"] = new JsonObject { ["Aggregate"] = window };
        if (redis is not null) gateway["Redis"] = new JsonObject { ["Mode"] = "External", ["Connection"] = redis };
        var settings = new JsonObject
        {
            ["Urls"] = address.ToString(),
            ["Gateway"] = gateway,
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = ProxyJson.Routes(setup.Routes),
                ["Clusters"] = ProxyJson.Clusters(world.Upstream),
            },
        };
        if (world.IsHttp2) settings["Kestrel"] = ProxyJson.Http2Only();
        return settings;
    }

    private static string MetricName(int number) => string.Create(CultureInfo.InvariantCulture, $"metric{number}");

    private JsonObject Keys() => setup.AreIssued
        ? new JsonObject { ["CacheEntries"] = Math.Clamp(setup.Keys * 2, 1_000, 10_000_000), ["MaxLookupsPerSecond"] = 100_000 }
        : new JsonObject
        {
            ["Static"] = new JsonArray([.. Traffic.Keys(setup.Keys).Select((key, i) =>
            new JsonObject { ["Key"] = key, ["CustomerId"] = SandboxProcess.CustomerId(i) })])
        };

    private JsonObject Route()
    {
        var route = new JsonObject
        {
            ["Meters"] = new JsonArray([.. Enumerable.Range(0, setup.Meters).Select(i => i == 1
                ? new JsonObject { ["Metric"] = MetricName(i), ["Source"] = "UpstreamSeconds", ["Hold"] = 5 }
                : new JsonObject { ["Metric"] = MetricName(i) })]),
        };
        if (setup.Mode is { } mode) route["Mode"] = mode;
        return route;
    }
}
