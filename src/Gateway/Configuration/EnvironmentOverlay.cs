namespace Gateway.Configuration;

internal static class EnvironmentOverlay
{
    /// <param name="builder">Where environment variables are laid over what is there.</param>
    /// <param name="environment">Null: the process's own, by .NET's own provider.</param>
    public static IConfigurationBuilder AddEnvironment(
        this IConfigurationBuilder builder, IReadOnlyDictionary<string, string?>? environment) =>
        environment is null
            ? builder.AddEnvironmentVariables()
            : builder.AddInMemoryCollection(environment.Select(e =>
                KeyValuePair.Create(e.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), e.Value)));
}
