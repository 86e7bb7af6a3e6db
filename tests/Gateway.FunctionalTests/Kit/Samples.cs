using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.FunctionalTests.Kit;

/// <summary>A configuration of config/samples as it ships, with nothing changed but what each user changes: addresses, keys and ids.</summary>
internal static class Samples
{
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static Task<RunningGateway> StartSampleAsync(this World world, string sample, Uri upstream, Action<JsonObject>? edit = null) => world.StartGatewayAsync(root =>
    {
        var file = Path.Combine(Configurations.RepositoryRoot(), "config", "samples", sample);
        var shipped = JsonNode.Parse(File.ReadAllText(file), documentOptions: WithComments)!.AsObject();
        var (was, own) = (root["Gateway"]!.AsObject(), shipped["Gateway"]!.AsObject());
        foreach (var name in (string[])["DataDirectory", "Paygentic", "Admin", "Shipping", "Redis", "ApiKeys"])
        {
            if (was[name] is { } value) own[name] = value.DeepClone();
        }

        var ids = new Dictionary<string, string> { ["basic-submissions"] = "bm_basic", ["premium-submissions"] = "bm_premium", ["execution-time"] = "bm_execution_time" };
        foreach (var (name, metric) in own["Metrics"]!.AsObject()) metric!["BillableMetricId"] = ids[name];
        foreach (var (_, cluster) in shipped["ReverseProxy"]!["Clusters"]!.AsObject()) cluster!["Destinations"]!["one"]!["Address"] = upstream.ToString();
        root["Gateway"] = own.DeepClone();
        root["ReverseProxy"] = shipped["ReverseProxy"]!.DeepClone();
        edit?.Invoke(root);
    });
}
