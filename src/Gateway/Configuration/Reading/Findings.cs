using System.Collections.Immutable;

namespace Gateway.Configuration.Reading;

/// <summary>Collects every error, so that one run shows them all.</summary>
internal sealed class Findings
{
    private readonly List<ConfigurationError> _errors = [];

    public int Count => _errors.Count;

    public void Add(string path, string message) => _errors.Add(new ConfigurationError(path, message));

    public ImmutableArray<ConfigurationError> All() => [.. _errors.Distinct()];

    /// <summary>One more step of a JSON path.</summary>
    public static string Step(string path, string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$') && name.Length > 0
            ? $"{path}.{name}"
            : $"{path}['{name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}']";
}
