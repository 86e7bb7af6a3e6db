using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Onboarding;
using Gateway.Pricing;

namespace Gateway.Catalogue;

/// <summary>The ids that Paygentic gave, as the configuration knows them.</summary>
/// <param name="Metrics">Billable metric ids by the names in <c>Gateway:Metrics</c>.</param>
/// <param name="Plans">Plan ids by the names in <c>Gateway:Plans</c>.</param>
internal sealed record CatalogIds(IReadOnlyDictionary<string, string> Metrics, IReadOnlyDictionary<string, string> Plans)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes the file that lies over the configuration. It is whole or as it was: a running gateway reads it.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        var draft = path + ".new";
        await File.WriteAllTextAsync(draft, ToJson() + "\n", cancellationToken);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>What the file says.</summary>
    public string ToJson() => new JsonObject
    {
        [GatewayOptions.Section] = new JsonObject { [nameof(Metrics)] = Named(Metrics, nameof(MetricOptions.BillableMetricId)), [nameof(Plans)] = Named(Plans, nameof(PlanOptions.PlanId)) },
    }.ToJsonString(Indented);

    private static JsonObject Named(IReadOnlyDictionary<string, string> ids, string field) =>
        new(ids.Select(id => KeyValuePair.Create(id.Key, (JsonNode?)new JsonObject { [field] = id.Value })));
}
