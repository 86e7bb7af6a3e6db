using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Bench.Arms;

/// <summary>Pieces of configuration that YARP alone and the gateway have in common.</summary>
internal static class ProxyJson
{
    public static JsonObject Clusters(Uri upstream) => new()
    {
        ["api"] = new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = upstream.ToString() } } },
    };

    public static IEnumerable<string> RouteIds(int routes) => Enumerable.Range(0, routes).Select(i => string.Create(CultureInfo.InvariantCulture, $"r{i}"));

    /// <summary>Each with a path of its own; one alone has all paths.</summary>
    public static JsonObject Routes(int routes) => new(RouteIds(routes).Select(id => KeyValuePair.Create<string, JsonNode?>(
        id, new JsonObject { ["ClusterId"] = "api", ["Match"] = new JsonObject { ["Path"] = routes == 1 ? "/{**path}" : $"/{id}/{{**path}}" } })));

    /// <summary>What clients ask for: one path for each route, or what the world asks for.</summary>
    public static IReadOnlyList<string> Paths(int routes, ArmWorld world) => routes == 1 ? world.Paths : [.. RouteIds(routes).Select(id => $"/{id}/result")];

    /// <summary>HTTP/2 without TLS, by prior knowledge.</summary>
    public static JsonObject Http2Only() => new() { ["EndpointDefaults"] = new JsonObject { ["Protocols"] = "Http2" } };
}
