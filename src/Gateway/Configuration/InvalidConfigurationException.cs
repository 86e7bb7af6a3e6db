using System.Collections.Immutable;

namespace Gateway.Configuration;

/// <summary>The configuration cannot be started with. Its message is every error, one per line.</summary>
internal sealed class InvalidConfigurationException(ImmutableArray<ConfigurationError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public ImmutableArray<ConfigurationError> Errors { get; } = errors;
}
