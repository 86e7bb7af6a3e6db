namespace Gateway;

/// <summary>
/// Does one thing again and again beside the requests, at first at the end of a period. What one pass throws ends that pass: it is logged, every
/// ten minutes until a pass succeeds, and the next one comes. Without this the host would end, and with it every request, for a chore.
/// </summary>
/// <param name="atOnce">The first pass is at the start.</param>
internal abstract partial class PeriodicService(TimeSpan period, TimeProvider clock, ILogger logger, bool atOnce = false) : BackgroundService
{
    private static readonly TimeSpan LogEvery = TimeSpan.FromMinutes(10);
    private long? _loggedAt;

    protected TimeProvider Clock { get; } = clock;

    protected abstract Task PassAsync(CancellationToken stoppingToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, Clock);
        try
        {
            if (atOnce) await TryPassAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken)) await TryPassAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task TryPassAsync(CancellationToken stoppingToken)
    {
        try
        {
            await PassAsync(stoppingToken);
            _loggedAt = null;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
        catch (Exception e)
        {
            var now = Clock.GetTimestamp();
            if (_loggedAt is { } at && Clock.GetElapsedTime(at, now) < LogEvery) return;
            _loggedAt = now;
            Log.Failed(logger, GetType().Name, period.TotalSeconds, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(105, LogLevel.Error, "{Service} failed in a way that nobody foresaw. It is tried again every {Seconds} s, and said again every ten minutes until it succeeds.")]
        public static partial void Failed(ILogger logger, string service, double seconds, Exception e);
    }
}
