using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary><c>Gateway validate --config file</c>: what the configuration means, or everything that is wrong with it.</summary>
internal static class ValidateCommand
{
    public const int Valid = 0;
    public const int Invalid = 1;
    public const int Unreadable = 2;

    /// <param name="configPath">The file.</param>
    /// <param name="output">Where to write.</param>
    /// <param name="environment">Laid over the file; null: the process's environment.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string configPath, TextWriter output, IReadOnlyDictionary<string, string?>? environment = null)
    {
        if (ConfigurationFile.TryRead(configPath) is not { } text)
        {
            output.WriteLine($"{configPath}: {(File.Exists(configPath) ? "the file cannot be read" : "there is no such file")}");
            return Unreadable;
        }
        if (ConfigurationFile.Parse(text, out var error) is not { } data)
        {
            output.WriteLine($"{configPath}: {error!.Message}");
            return Unreadable;
        }

        var composed = ConfigurationFile.Compose(data, environment);
        using var disposal = composed as IDisposable;
        var result = GatewayConfiguration.Validate(composed);
        if (result.IsValid)
        {
            new ConfigurationSummary(result.Snapshot).Write(output);
            return Valid;
        }
        foreach (var found in result.Errors) output.WriteLine(found);
        return Invalid;
    }
}
