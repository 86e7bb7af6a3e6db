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
    /// <summary>The options alone, for a command beside the gateway.</summary>
    /// <exception cref="InvalidConfigurationException">They are not valid.</exception>
    public static GatewayOptions ReadOptions(string path) =>
        WebApplication.CreateEmptyBuilder(new WebApplicationOptions()).AddGatewayConfiguration(path).Snapshot.Options;
}
