namespace Gateway.Sandbox.Catalogue;

/// <summary>A billable metric and what one unit of it costs, in atomic units. Without a price nothing can be reserved or charged.</summary>
internal sealed record Metric(string Id, string Name, string Unit, long? UnitPrice);
