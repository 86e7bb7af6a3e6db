using System.Collections.Immutable;

namespace Gateway.Configuration;

/// <summary>The configuration cannot be started with. Its message is every error, one per line.</summary>
internal sealed class InvalidConfigurationException(ImmutableArray<ConfigurationError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public ImmutableArray<ConfigurationError> Errors { get; } = errors;

    /// <summary>There is no file, or it is none of JSON: what is wrong has no place in it.</summary>
    public bool IsUnreadable => Errors is [{ Path: "$" }];
}
