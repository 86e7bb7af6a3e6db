using Gateway.Authentication;
using Gateway.Pricing;

namespace Gateway.Configuration;

/// <summary>One valid configuration, compiled. Immutable: a reload makes another.</summary>
internal sealed record GatewaySnapshot
{
    public required GatewayOptions Options { get; init; }

    public required MeterCatalog Catalog { get; init; }

    public required StaticKeyRing Keys { get; init; }

    public required ApiKeyReader KeyReader { get; init; }

    /// <summary>Where the public port listens; null: ASP.NET Core's own default.</summary>
    public string? Urls { get; init; }

    /// <summary>Everything under Kestrel, by which ASP.NET Core opened the public port. Only compared here.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Kestrel { get; init; } = [];
}
