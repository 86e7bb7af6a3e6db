using Gateway.Admin;
using Gateway.Billing.Paygentic;
using Gateway.Configuration.Reading;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Configuration;

internal static class ConfigurationServices
{
    /// <summary>
    /// The gateway's file under the environment as the host's configuration, and <see cref="CurrentConfiguration"/> for the stages.
    /// </summary>
    /// <exception cref="InvalidConfigurationException">It is not valid.</exception>
    public static CurrentConfiguration AddGatewayConfiguration(
        this IHostApplicationBuilder builder, string path, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var source = new CheckedJsonConfigurationSource(path, environment);
        builder.Configuration.Add(source);
        builder.Configuration.AddEnvironment(environment);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(source.Current);
        builder.Services.AddHostedService(services => new ConfigurationWatcher(
            source, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ConfigurationWatcher>>()));
        return source.Current;
    }

    /// <summary>How Paygentic is reached, of a configuration that need not be whole: before the catalogue is applied it has no ids.</summary>
    /// <exception cref="InvalidConfigurationException">That part is not valid.</exception>
    public static PaygenticOptions ReadPaygentic(string path) => Read(path, nameof(GatewayOptions.Paygentic), StageReader.Paygentic);

    /// <summary>How the running gateway is reached, of a configuration that need not be whole: an edit that it has refused is no reason not to ask it.</summary>
    /// <exception cref="InvalidConfigurationException">That part is not valid.</exception>
    public static AdminOptions ReadAdmin(string path) => Read(path, nameof(GatewayOptions.Admin), StageReader.Admin);

    /// <summary>The options alone, for a command beside the gateway.</summary>
    /// <exception cref="InvalidConfigurationException">They are not valid.</exception>
    public static GatewayOptions ReadOptions(string path) =>
        WebApplication.CreateEmptyBuilder(new WebApplicationOptions()).AddGatewayConfiguration(path).Snapshot.Options;

    private static T Read<T>(string path, string section, Func<SectionReader, T> read)
    {
        var text = ConfigurationFile.TryRead(path) ?? throw new InvalidConfigurationException([new ConfigurationError("$", $"the file {path} cannot be read")]);
        var data = ConfigurationFile.Parse(text.File, out var error) ?? throw new InvalidConfigurationException([error!]);
        var composed = ConfigurationFile.Compose(data, environment: null);
        using var disposal = composed as IDisposable;
        var findings = new Findings();
        var options = read(new SectionReader(composed.GetSection($"{GatewayOptions.Section}:{section}"), $"$.{GatewayOptions.Section}.{section}", findings));
        return findings.Count == 0 ? options : throw new InvalidConfigurationException(findings.All());
    }
}
