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
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // start-up does not wait for the first batch
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // A disk that is full, for one: neither the cursor nor the quarantine can be written. What is behind the cursor is sent again.
                Log.Interrupted(logger, e);
                await Task.Delay(Pause, clock, CancellationToken.None);
            }
        }

        await ShipRestAsync();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var reader = journal.ReadFrom(cursor.Through);
        while (true)
        {
            await reader.WaitForDataAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(options.MaxDelayMilliseconds), clock, cancellationToken);
            while (await ShipBatchAsync(reader, cancellationToken))
            {
                // as long as there is more
            }
        }
    }

    /// <summary>At shutdown: what can be sent at once is; the rest is in the journal for the next start.</summary>
    private async Task ShipRestAsync()
    {
        using var timeout = new CancellationTokenSource(LastAttempt, clock);
        try
        {
            using var reader = journal.ReadFrom(cursor.Through);
            while (await ShipBatchAsync(reader, timeout.Token))
            {
                // as long as there is more
            }
        }
        catch (Exception e)
        {
            Log.RestKept(logger, e.Message);
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

        [LoggerMessage(701, LogLevel.Warning, "The billing provider could not be told of all usage before the end; the rest is in the journal and goes out at the next start. {Reason}")]
        public static partial void RestKept(ILogger logger, string reason);

        [LoggerMessage(702, LogLevel.Error, "Reporting usage was interrupted and goes on from the cursor.")]
        public static partial void Interrupted(ILogger logger, Exception e);
    }
}
