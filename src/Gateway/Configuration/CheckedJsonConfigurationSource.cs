namespace Gateway.Configuration;

/// <summary>The file given by <c>--config</c>, as a source of configuration that never hands on an invalid edit.</summary>
/// <param name="path">The file.</param>
/// <param name="environment">What is laid over the file when it is checked; null: the process's environment.</param>
internal sealed class CheckedJsonConfigurationSource(string path, IReadOnlyDictionary<string, string?>? environment = null) : IConfigurationSource
{
    public string FilePath { get; } = Path.GetFullPath(path);

    public IReadOnlyDictionary<string, string?>? Environment { get; } = environment;

    public CurrentConfiguration Current { get; } = new();

    /// <summary>The provider in use: a <see cref="ConfigurationManager"/> builds it anew when its sources change.</summary>
    public CheckedJsonConfigurationProvider? Provider { get; private set; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => Provider = new CheckedJsonConfigurationProvider(this);
}
