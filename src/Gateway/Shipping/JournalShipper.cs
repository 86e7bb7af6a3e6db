using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Recovery;

namespace Gateway.Shipping;

/// <summary>
/// Follows the journal and tells the provider of every charge. The cursor moves only when each event before it is accepted or in quarantine;
/// it is in the journal itself, so a restart goes on where this ended: at least once, with fixed keys.
/// </summary>
internal sealed partial class JournalShipper(
    UsageJournal journal, ShippingCursor cursor, Shipment shipment, JournalRetention retention, ShippingOptions options, TimeProvider clock,
    ILogger<JournalShipper> logger) : BackgroundService
{
    private static readonly TimeSpan LastAttempt = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // start-up does not wait for the first batch
        var reader = journal.ReadFrom(cursor.Through);
        try
        {
            while (true)
            {
                await reader.WaitForDataAsync(stoppingToken);
                await Task.Delay(TimeSpan.FromMilliseconds(options.MaxDelayMilliseconds), clock, stoppingToken);
                while (await ShipBatchAsync(reader, stoppingToken))
                {
                    // as long as there is more
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ShipRestAsync();
        }
        catch (Exception e)
        {
            Log.Died(logger, e); // the host then stops the process: no silent end of billing
            throw;
        }
    }

    /// <summary>At shutdown: what can be sent at once is; the rest is in the journal for the next start.</summary>
    private async Task ShipRestAsync()
    {
        using var timeout = new CancellationTokenSource(LastAttempt, clock);
        try
        {
            var reader = journal.ReadFrom(cursor.Through);
            while (await ShipBatchAsync(reader, timeout.Token))
            {
                // as long as there is more
            }
        }
        catch (OperationCanceledException)
        {
            Log.RestKept(logger);
        }
    }

    private async Task<bool> ShipBatchAsync(JournalReader reader, CancellationToken cancellationToken)
    {
        var batch = new List<UsageEvent>(options.MaxBatch);
        JournalPosition? end = null;
        while (batch.Count < options.MaxBatch && reader.TryRead(out var entry))
        {
            if (entry.Type == RecordType.Settled && entry.Position > cursor.Through)
            {
                batch.AddRange(UsageEvents.Of(entry.Read<Settled>().Settlement));
                end = entry.Position;
            }
        }

        if (end is not { } through) return false;
        await shipment.SendAsync(batch, cancellationToken);
        journal.Append(new Shipped(through));
        cursor.Through = through;
        retention.Apply();
        Log.Shipped(logger, batch.Count, through);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Debug, "Shipped {Count} usage events; cursor now {Through}.")]
        public static partial void Shipped(ILogger logger, int count, JournalPosition through);

        [LoggerMessage(701, LogLevel.Warning, "The billing provider could not be told of all usage before the end; the rest is in the journal and goes out at the next start.")]
        public static partial void RestKept(ILogger logger);

        [LoggerMessage(702, LogLevel.Critical, "Shipping usage events failed for good.")]
        public static partial void Died(ILogger logger, Exception e);
    }
}
