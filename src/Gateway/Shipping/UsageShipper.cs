namespace Gateway.Shipping;

/// <summary>
/// Tells the provider of every charge, several batches at a time: at least once, with keys that never change, so once in effect. Whatever fails, the
/// outbox still has it.
/// </summary>
internal sealed partial class UsageShipper(
    IOutbox outbox, Shipment shipment, ShippingMetrics metrics, ShippingOptions options, TimeProvider clock, ILogger<UsageShipper> logger) : BackgroundService
{
    private static readonly TimeSpan LastAttempt = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // start-up does not wait for the first batch
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ShipAsync(untilEmpty: false, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A disk that is full, for one: no acknowledgement can be written. What is open is sent again.
                Log.Interrupted(logger, e);
                await Task.Delay(Pause, clock, CancellationToken.None);
            }
        }

        await ShipRestAsync();
    }

    private Task ShipAsync(bool untilEmpty, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        outbox.ReadAsync(untilEmpty, cancellationToken),
        new ParallelOptions { MaxDegreeOfParallelism = options.MaxInFlight, CancellationToken = cancellationToken },
        async (batch, token) =>
        {
            var deferred = await shipment.SendAsync(batch, () => outbox.CanDefer, token);
            await outbox.AcknowledgeAsync(batch, deferred);
            if (deferred.Count > 0 && !batch.IsDeferred)
            {
                metrics.Deferred(deferred.Count);
                foreach (var usage in deferred) Log.Deferred(logger, usage.IdempotencyKey);
            }

            Log.Shipped(logger, batch.Events.Count - deferred.Count);
        });

    /// <summary>At shutdown: what can be sent at once is; the rest is kept for the next start.</summary>
    private async Task ShipRestAsync()
    {
        using var timeout = new CancellationTokenSource(LastAttempt, clock);
        try
        {
            await ShipAsync(untilEmpty: true, timeout.Token);
        }
        catch (Exception e)
        {
            Log.RestKept(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Debug, "Shipped {Count} usage events.")]
        public static partial void Shipped(ILogger logger, int count);

        [LoggerMessage(701, LogLevel.Warning, "The billing provider could not be told of all usage before the end; the rest is kept and goes out at the next start. {Reason}")]
        public static partial void RestKept(ILogger logger, string reason);

        [LoggerMessage(702, LogLevel.Error, "Reporting usage was interrupted and goes on with what is not acknowledged.")]
        public static partial void Interrupted(ILogger logger, Exception e);

        [LoggerMessage(703, LogLevel.Warning, "The usage event {Key} is put off: the billing provider does not decide it though it decides others, or refused it and it could not be kept. It is sent again by itself.")]
        public static partial void Deferred(ILogger logger, string key);
    }
}
