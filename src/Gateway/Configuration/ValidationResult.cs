using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Configuration;

/// <summary>All that is wrong with a configuration, or what it compiles to.</summary>
internal sealed class ValidationResult
{
    public ValidationResult(ImmutableArray<ConfigurationError> errors) => Errors = errors;

    public ValidationResult(GatewaySnapshot snapshot) => Snapshot = snapshot;

    public ImmutableArray<ConfigurationError> Errors { get; } = [];

    public GatewaySnapshot? Snapshot { get; }

    [MemberNotNullWhen(true, nameof(Snapshot))]
    public bool IsValid => Snapshot is not null;
}
