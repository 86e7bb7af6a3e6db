using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.FunctionalTests.Kit;

internal static class Configurations
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The file that users get: config/gateway.json.</summary>
    public static JsonObject Demo() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryRoot(), "config", "gateway.json")), documentOptions: WithComments)!.AsObject();

    /// <summary>One price per submission and nothing else.</summary>
    public static void OnlySubmissionsAreCharged(JsonObject root) =>
        root["Gateway"]!["Routes"]!["submissions"] = new JsonObject { ["Meters"] = new JsonArray(new JsonObject { ["Metric"] = "basic-submissions" }) };

    public static void UseUpstream(this JsonObject root, Uri address) =>
        root["ReverseProxy"]!["Clusters"]!["runner"]!["Destinations"]!["local"]!["Address"] = address.ToString();

    public static string RepositoryRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
}
