namespace Gateway.Bench.Load;

/// <summary>Where load goes, and what it asks there.</summary>
/// <param name="Addresses">Connections are spread over them.</param>
internal sealed record Target(IReadOnlyList<Uri> Addresses, RequestPlan Plan);

/// <summary>An answer that is not 2xx, or no answer at all: a figure with such in it is worth nothing, so the run ends.</summary>
internal sealed class LoadFailedException(string message) : Exception(message);
