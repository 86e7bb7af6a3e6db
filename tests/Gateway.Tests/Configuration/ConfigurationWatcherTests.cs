using Gateway.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class ConfigurationWatcherTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LogList _log = new();

    [Fact]
    public async Task Edits_are_found_by_the_clock_and_told_in_the_log()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddLogging(logging => logging.AddProvider(_log));
        var current = builder.AddGatewayConfiguration(_folder.FilePath, TestConfiguration.Nothing);
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        using var host = builder.Build();
        var proxy = host.Services.GetRequiredService<IProxyConfigProvider>();
        var watcher = host.Services.GetServices<IHostedService>().OfType<ConfigurationWatcher>().Single();
        await watcher.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(4, proxy.GetConfig().Routes.Count);

        _folder.Edit("http://127.0.0.1:2358/", "http://127.0.0.1:2359/");
        _folder.Edit("\"data\"", "\"elsewhere\"");
        Pass();

        Assert.Equal("http://127.0.0.1:2359/", proxy.GetConfig().Clusters.Single().Destinations!["local"].Address);
        Assert.Same(current, host.Services.GetRequiredService<CurrentConfiguration>());
        Assert.Equal(
            [
                (LogLevel.Information, "The configuration was reloaded: 4 routes, 1 keys."),
                (LogLevel.Warning, "Changed in the configuration, but only read at start: Gateway.DataDirectory. Restart the gateway to apply."),
            ],
            _log.Take());

        _folder.Edit("\"bm_premium\"", "\"\"");
        _folder.Edit("\"Statuses\"", "\"Status\"");
        Pass();

        var (level, refused) = Assert.Single(_log.Take());
        Assert.Equal(LogLevel.Error, level);
        Assert.Contains("2 errors", refused, StringComparison.Ordinal);
        Assert.Contains("$.Gateway.Metrics.premium-submissions.BillableMetricId: is missing", refused, StringComparison.Ordinal);
        Assert.Contains("did you mean 'Statuses'?", refused, StringComparison.Ordinal);

        await watcher.StopAsync(TestContext.Current.CancellationToken);
        _folder.Write(TestConfiguration.DemoText);
        Pass();
        Assert.Empty(_log.Take());
    }

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    private void Pass()
    {
        _clock.Advance(ConfigurationWatcher.Period); // sees it
        _clock.Advance(ConfigurationWatcher.Period); // finds it settled
    }

    private sealed class LogList : ILoggerProvider, ILogger
    {
        private readonly List<(LogLevel, string)> _lines = [];

        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Gateway.", StringComparison.Ordinal) ? this : new LogList();

        public List<(LogLevel, string)> Take()
        {
            List<(LogLevel, string)> taken = [.. _lines];
            _lines.Clear();
            return taken;
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Add((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
