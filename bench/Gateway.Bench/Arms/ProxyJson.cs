using System.Text.Json.Nodes;

namespace Gateway.Bench.Arms;

/// <summary>Pieces of configuration that YARP alone and the gateway have in common.</summary>
internal static class ProxyJson
{
    public static JsonObject Clusters(Uri upstream) => new()
    {
        ["api"] = new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = upstream.ToString() } } },
    };

    /// <summary>HTTP/2 without TLS, by prior knowledge.</summary>
    public static JsonObject Http2Only() => new() { ["EndpointDefaults"] = new JsonObject { ["Protocols"] = "Http2" } };
}
