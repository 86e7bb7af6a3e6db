using System.Text.Json;

namespace Gateway.Sandbox;

/// <summary>A product with priced metrics and one plan, and customers subscribed to it. Ids are the caller's, so that a gateway's configuration can name them.</summary>
public sealed record SandboxSeed
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip };

    public string Product { get; init; } = "Sandbox product";

    public string Plan { get; init; } = "Pay as you go";

    public string PlanId { get; init; } = "plan_sandbox";

    public IReadOnlyList<SeedMetric> Metrics { get; init; } = [];

    public IReadOnlyList<SeedCustomer> Customers { get; init; } = [];

    /// <summary>Reads a seed file such as <c>config/sandbox.json</c>: JSON, comments allowed.</summary>
    public static SandboxSeed Read(string path) =>
        JsonSerializer.Deserialize<SandboxSeed>(File.ReadAllText(path), Format) ?? throw new InvalidDataException($"{path} is empty.");
}

/// <param name="UnitPrice">Dollars as a decimal string with up to nine decimals.</param>
public sealed record SeedMetric(string Id, string Name, string Unit, string UnitPrice);

/// <param name="Wallet">Dollars as a decimal string with up to nine decimals.</param>
public sealed record SeedCustomer(string Id, string Name, string Email, string Wallet);
