using System.Collections.Immutable;

namespace Gateway.Configuration;

/// <summary>What one look at the configuration file came to.</summary>
/// <param name="Errors">Why the edit was refused; empty when it was applied.</param>
/// <param name="Waiting">Settings that changed but need a restart.</param>
internal sealed record ReloadOutcome(ImmutableArray<ConfigurationError> Errors, IReadOnlyList<string> Waiting)
{
    public bool IsApplied => Errors.IsEmpty;
}
