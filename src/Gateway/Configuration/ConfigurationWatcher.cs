namespace Gateway.Configuration;

/// <summary>Looks at the configuration file every second, and says in the log what became of an edit.</summary>
internal sealed partial class ConfigurationWatcher(
    CheckedJsonConfigurationSource source, TimeProvider clock, ILogger<ConfigurationWatcher> logger) : IHostedService, IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = clock.CreateTimer(static state => ((ConfigurationWatcher)state!).Look(), this, Period, Period);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        try
        {
            if (source.Provider?.Poll() is { } outcome) Report(outcome);
        }
        catch (Exception e) // of a listener to the reload; a timer's exception would end the process
        {
            Log.ReloadFailed(logger, e);
        }
    }

    private void Report(ReloadOutcome outcome)
    {
        if (!outcome.IsApplied)
        {
            Log.EditRefused(logger, outcome.Errors.Length, string.Join(Environment.NewLine, outcome.Errors));
            return;
        }

        Log.Reloaded(logger, source.Current.Snapshot.Catalog.Rules.Length, source.Current.Snapshot.Keys.Count);
        if (outcome.Waiting.Count > 0) Log.RestartNeeded(logger, string.Join(", ", outcome.Waiting));
    }

    private static partial class Log // ids 100-199 belong to Configuration
    {
        [LoggerMessage(101, LogLevel.Information, "The configuration was reloaded: {Routes} routes, {Keys} keys.")]
        public static partial void Reloaded(ILogger logger, int routes, int keys);

        [LoggerMessage(102, LogLevel.Error, "An edit of the configuration was refused, the last good one stays in force. {Count} errors:\n{Errors}")]
        public static partial void EditRefused(ILogger logger, int count, string errors);

        [LoggerMessage(103, LogLevel.Warning, "Changed in the configuration, but only read at start: {Settings}. Restart the gateway to apply.")]
        public static partial void RestartNeeded(ILogger logger, string settings);

        [LoggerMessage(104, LogLevel.Error, "A reload of the configuration failed.")]
        public static partial void ReloadFailed(ILogger logger, Exception error);
    }
}
