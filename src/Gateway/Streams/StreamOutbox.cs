using System.Runtime.CompilerServices;
using Gateway.Billing;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;
using StackExchange.Redis;

namespace Gateway.Streams;

/// <summary>
/// The outbox over the stream that all nodes share. Each entry is given to one of them; those of a node that died are taken over by another. An entry
/// leaves the stream when all its events are decided.
/// </summary>
internal sealed partial class StreamOutbox(
    RedisConnection redis, NodeIdentity node, ShippingOptions options, TimeProvider clock, ILogger<StreamOutbox> logger) : IOutbox
{
    /// <summary>An entry that its node has had for so long is taken over. When that node was only slow it is sent twice, under the same keys.</summary>
    public static readonly TimeSpan TakeOverAfter = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan TakeOverEvery = TimeSpan.FromSeconds(20);

    private const int MostDeferred = 1000;
    private static readonly RedisValue New = ">";
    private static readonly RedisValue Start = "0-0";
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseWhileAway = TimeSpan.FromSeconds(1);

    private readonly RedisValue _consumer = node.Id.ToString("N");
    private readonly DeferredEntries _deferred = new(clock);

    // Handed out and not acknowledged: what is here is not taken over from ourselves.
    private readonly HashSet<RedisValue> _open = [];
    private readonly Lock _gate = new();
    private bool _isAway;

    public bool CanDefer => _deferred.Count < MostDeferred;

    public async IAsyncEnumerable<Batch> ReadAsync(bool untilEmpty, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Reopen(_deferred.TakeBack());
        foreach (var batch in _deferred.Take(all: untilEmpty)) yield return batch;

        // Given to us and not acknowledged, by a reading that was cut off; then what is given to nobody.
        var next = Start;
        long? tookOver = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (tookOver is null || clock.GetElapsedTime(tookOver.Value) >= TakeOverEvery)
            {
                tookOver = clock.GetTimestamp();
                await foreach (var batch in TakeOverAsync()) yield return batch;
            }

            foreach (var batch in _deferred.Take(all: false)) yield return batch;
            var read = await ReadGroupAsync(next);
            foreach (var batch in await BatchesAsync(read ?? [])) yield return batch;
            if (next != New && read is not null)
            {
                next = read is [.., var last] ? last.Id : New;
                continue;
            }

            if (untilEmpty && read is null or []) yield break;
            if (!untilEmpty && (read?.Length ?? 0) < options.MaxBatch) await PauseAsync(cancellationToken);
        }
    }

    public async ValueTask AcknowledgeAsync(Batch batch, IReadOnlyList<UsageEvent> deferred)
    {
        var entries = ((StreamBatch)batch).Entries;
        var undecided = deferred.ToLookup(e => e.RequestId);
        foreach (var left in undecided) _deferred.Put(left.Key, entries[left.Key], [.. left]);

        var decided = entries.Where(e => !undecided.Contains(e.Key)).ToList();
        RedisValue[] ids = [.. decided.SelectMany(e => e.Value)];
        if (ids.Length == 0) return;
        await RemoveAsync(ids);
        foreach (var (requestId, _) in decided) _deferred.Remove(requestId);
        lock (_gate) _open.ExceptWith(ids);
    }

    private async IAsyncEnumerable<Batch> TakeOverAsync()
    {
        var from = Start;
        do
        {
            var start = from;
            if (await TryAsync<StreamAutoClaimResult?>(async database => await database.StreamAutoClaimAsync(
                UsageStream.Charges, UsageStream.Group, _consumer, (long)TakeOverAfter.TotalMilliseconds, start, options.MaxBatch)) is not { IsNull: false } claimed)
            {
                yield break;
            }

            StreamEntry[] others;
            lock (_gate) others = [.. claimed.ClaimedEntries.Where(e => !_open.Contains(e.Id))];
            if (others.Length > 0) Log.TakenOver(logger, others.Length);
            foreach (var batch in await BatchesAsync(others)) yield return batch;
            from = claimed.NextStartId;
        }
        while (from != Start);
    }

    /// <summary>Null when Redis can not be asked.</summary>
    private Task<StreamEntry[]?> ReadGroupAsync(RedisValue from) => TryAsync<StreamEntry[]?>(async database =>
        await database.StreamReadGroupAsync(UsageStream.Charges, UsageStream.Group, _consumer, from, options.MaxBatch, noAck: false));

    /// <summary>Batches of no more than <see cref="ShippingOptions.MaxBatch"/> events, or of one entry. What can not be read is set aside.</summary>
    private async Task<List<StreamBatch>> BatchesAsync(StreamEntry[] entries)
    {
        List<(RedisValue, Settlement)> batch = [];
        List<StreamBatch> batches = [];
        var events = 0;
        foreach (var entry in entries)
        {
            if (!TryOpen(entry.Id)) continue;
            if (entry.Values is null or [])
            {
                await RemoveAsync([entry.Id]); // another node has decided it meanwhile
                continue;
            }

            if (!UsageStream.TryDecode(entry, out var settlement))
            {
                await SetAsideAsync(entry);
                continue;
            }

            if (batch.Count > 0 && events + settlement.Charges.Length > options.MaxBatch)
            {
                batches.Add(StreamBatch.Of(batch));
                (batch, events) = ([], 0);
            }

            batch.Add((entry.Id, settlement));
            events += settlement.Charges.Length;
        }

        if (batch.Count > 0) batches.Add(StreamBatch.Of(batch));
        return batches;
    }

    private async Task RemoveAsync(RedisValue[] ids)
    {
        var transaction = (await redis.DatabaseAsync()).CreateTransaction();
        _ = transaction.StreamAcknowledgeAsync(UsageStream.Charges, UsageStream.Group, ids);
        _ = transaction.StreamDeleteAsync(UsageStream.Charges, ids);
        await transaction.ExecuteAsync();
    }

    private async Task SetAsideAsync(StreamEntry entry)
    {
        var transaction = (await redis.DatabaseAsync()).CreateTransaction();
        _ = transaction.StreamAddAsync(UsageStream.Damaged, entry.Values);
        _ = transaction.StreamAcknowledgeAsync(UsageStream.Charges, UsageStream.Group, entry.Id);
        _ = transaction.StreamDeleteAsync(UsageStream.Charges, [entry.Id]);
        await transaction.ExecuteAsync();
        Log.Damaged(logger, entry.Id.ToString(), UsageStream.Damaged.ToString());
    }

    private async Task<T?> TryAsync<T>(Func<IDatabase, Task<T>> read)
    {
        try
        {
            var database = await redis.DatabaseAsync();
            T found;
            try
            {
                found = await read(database);
            }
            catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
            {
                await UsageStream.EnsureGroupAsync(database);
                found = await read(database);
            }

            _isAway = false;
            return found;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (!_isAway) Log.Away(logger, e.Message);
            _isAway = true;
            return default;
        }
    }

    private Task PauseAsync(CancellationToken cancellationToken)
    {
        var pause = _isAway ? PauseWhileAway : TimeSpan.FromMilliseconds(options.MaxDelayMilliseconds);
        return Task.Delay(pause > LeastPause ? pause : LeastPause, clock, cancellationToken);
    }

    private bool TryOpen(RedisValue id)
    {
        lock (_gate) return _open.Add(id);
    }

    private void Reopen(IReadOnlyList<RedisValue> ids)
    {
        lock (_gate)
        {
            _open.Clear();
            _open.UnionWith(ids);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(740, LogLevel.Warning, "{Count} charges that another node had not acknowledged for a minute are reported by this one.")]
        public static partial void TakenOver(ILogger logger, int count);

        [LoggerMessage(741, LogLevel.Error, "The entry {Id} of the stream of charges can not be read. It is kept in {Key}, as it was found.")]
        public static partial void Damaged(ILogger logger, string id, string key);

        [LoggerMessage(742, LogLevel.Warning, "The stream of charges can not be read; it is tried again every second. {Reason}")]
        public static partial void Away(ILogger logger, string reason);
    }
}
