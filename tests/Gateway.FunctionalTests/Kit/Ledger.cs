using System.Text.Json.Nodes;

namespace Gateway.FunctionalTests.Kit;

/// <summary>What the sandbox's ledger says of one customer. Money in billionths of a dollar.</summary>
internal sealed class Ledger(JsonNode root)
{
    private readonly JsonNode _customer = root["customers"]!.AsArray().Single()!;

    public long Deposited => Money("deposited");

    public long Charged => Money("charged");

    public long Free => Money("free");

    public long Duplicates => root["duplicates"]!.GetValue<long>();

    public long ConflictingDuplicates => root["conflictingDuplicates"]!.GetValue<long>();

    public long Events(string billableMetricId) => Metric(billableMetricId, "events");

    public long Quantity(string billableMetricId) => Metric(billableMetricId, "quantity");

    public long Calls(string operation) => root["calls"]?[operation]?.GetValue<long>() ?? 0;

    public IEnumerable<JsonNode> Entitlements => _customer["entitlements"]!.AsArray()!;

    public override string ToString() => root.ToJsonString();

    private long Metric(string id, string field) =>
        _customer["metrics"]!.AsArray().SingleOrDefault(m => m!["billableMetricId"]!.GetValue<string>() == id)?[field]!.GetValue<long>() ?? 0;

    private long Money(string field) => long.Parse(_customer[field]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
}
