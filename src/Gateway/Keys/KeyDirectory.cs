using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Gateway.Authentication;
using StackExchange.Redis;

namespace Gateway.Keys;

/// <summary>
/// Says of a key text whose it is: out of memory, without allocating, or by one look-up in Redis however many ask for it at once.
/// </summary>
internal sealed partial class KeyDirectory : IDisposable
{
    // Somebody who knows an id and guesses its secret causes no more look-ups than this.
    private static readonly TimeSpan RecheckAfter = TimeSpan.FromSeconds(1);

    private readonly KeyStore _store;
    private readonly KeyCache _cache;
    private readonly TimeProvider _clock;
    private readonly ILogger<KeyDirectory> _logger;
    private readonly TimeSpan _offline;
    private readonly TokenBucketRateLimiter _lookups;
    private readonly ConcurrentDictionary<KeyId, LookUp> _running = new();
    private long _trustedAt;
    private bool _isTrusted;

    public KeyDirectory(KeyStore store, KeyCache cache, ApiKeyOptions options, TimeProvider clock, ILogger<KeyDirectory> logger)
    {
        (_store, _cache, _clock, _logger) = (store, cache, clock, logger);
        _offline = TimeSpan.FromSeconds(options.OfflineSeconds);
        _lookups = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.MaxLookupsPerSecond,
            TokensPerPeriod = Math.Max(1, options.MaxLookupsPerSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(options.MaxLookupsPerSecond < 10 ? 1000d / options.MaxLookupsPerSecond : 100),
            QueueLimit = 0,
            AutoReplenishment = true,
        });
    }

    /// <summary>Keys in memory.</summary>
    public int Cached => _cache.Count;

    /// <summary>Look-ups in Redis since start.</summary>
    public long LookUps => Interlocked.Read(ref _lookUpCount);

    private long _lookUpCount;

    public ValueTask<KeyAnswer> FindAsync(string text) =>
        ApiKeyHash.TryFromKey(text, out var hash) ? FindAsync(text, hash) : new(new KeyAnswer(KeyVerdict.Unknown));

    /// <param name="text">The key.</param>
    /// <param name="hash">Of it.</param>
    public ValueTask<KeyAnswer> FindAsync(string text, in ApiKeyHash hash)
    {
        if (!KeyText.TryReadId(text, out var id)) return new(new KeyAnswer(KeyVerdict.Unknown));
        if (_cache.TryFind(id, out var cached))
        {
            if (!cached.IsStale)
            {
                if (!IsTrusted()) return new(new KeyAnswer(KeyVerdict.Undecided));
                var answer = Check(cached, hash);
                if (answer.Verdict != KeyVerdict.Unknown) return new(answer);
                if (IsRecent(cached)) return new(answer); // else it may have been rotated just now
            }
        }
        else if (_cache.IsUnknown(id))
        {
            return new(new KeyAnswer(KeyVerdict.Unknown));
        }

        return LookUpAsync(id, hash);
    }

    /// <summary>The key changed somewhere.</summary>
    public void Changed(KeyChange change)
    {
        if (_running.TryGetValue(change.Id, out var running)) running.Wants(change.Version); // first: see ReadAsync
        _cache.Invalidate(change);
    }

    /// <summary>Nobody knows what changed: everything is looked up again.</summary>
    public void AllChanged()
    {
        foreach (var running in _running.Values) running.Wants(int.MaxValue);
        _cache.InvalidateAll();
    }

    /// <summary>Up to now every change is known.</summary>
    public void Trust()
    {
        Volatile.Write(ref _trustedAt, _clock.GetTimestamp());
        Volatile.Write(ref _isTrusted, true);
    }

    public void Dispose() => _lookups.Dispose();

    private bool IsTrusted() => Volatile.Read(ref _isTrusted) && _clock.GetElapsedTime(Volatile.Read(ref _trustedAt)) < _offline;

    private bool IsRecent(CachedKey key) => _clock.GetElapsedTime(key.LookedUp) < RecheckAfter;

    private async ValueTask<KeyAnswer> LookUpAsync(KeyId id, ApiKeyHash hash)
    {
        var running = _running.GetOrAdd(id, static (id, directory) => new LookUp(() => directory.ReadAsync(id)), this);
        try
        {
            if (await running.Task is not { } key) return new KeyAnswer(KeyVerdict.Unknown);
            if (running.Undelivered is not null && key.Hash.FixedTimeEquals(hash) && running.TakeUndelivered() is { } record) _ = NoteDeliveryAsync(record);
            return Check(key, hash);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or LookUpRefusedException)
        {
            return new KeyAnswer(KeyVerdict.Undecided);
        }
    }

    /// <summary>Whoever uses a secret was given it, whatever became of the note that says so: without it the next repetition would make another. No request waits for this.</summary>
    private async Task NoteDeliveryAsync(KeyRecord record)
    {
        try
        {
            await _store.ChangeAsync(record.Id, found => found.Answered(record.Sha256, isDelivered: true));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // The next look-up tries again.
        }
    }

    private async Task<ApiKey?> ReadAsync(KeyId id)
    {
        await Task.Yield(); // it is known as running before it ends
        try
        {
            // Who asked just before another's look-up ended finds neither that one nor, a moment before, its answer.
            var before = _cache.TryFind(id, out var cached) ? cached : null;
            if (before is { IsStale: false } && IsRecent(before)) return before;
            if (_cache.IsUnknown(id)) return null;
            using var turn = _lookups.AttemptAcquire();
            if (!turn.IsAcquired) throw new LookUpRefusedException();
            Interlocked.Increment(ref _lookUpCount);
            var record = await _store.FindAsync(id);
            var key = record is { RevokedAt: null } ? record.Compile(before, _clock.GetTimestamp()) : null;
            var version = record?.Version ?? -1;
            if (!_running.TryGetValue(id, out var self)) return key;
            if (record is { IsDelivered: false, RevokedAt: null }) self.Undelivered = record;
            if (version < self.Wanted) return key;
            _cache.Put(id, key);

            // A change that is told in between finds nothing to invalidate yet; it has said first what it wants.
            if (version < self.Wanted) _cache.Invalidate(new KeyChange(id, self.Wanted));
            return key;
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
        {
            Log.Unreadable(_logger, id.ToString(), e.Message);
            return null;
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    private KeyAnswer Check(ApiKey key, in ApiKeyHash hash)
    {
        if (!key.Hash.FixedTimeEquals(hash) && !(key.Terms is { } replaced && replaced.PreviousHash.FixedTimeEquals(hash) && _clock.GetUtcNow() < replaced.PreviousUntil))
            return new KeyAnswer(KeyVerdict.Unknown);
        return key.Terms is { } terms && _clock.GetUtcNow() >= terms.ExpiresAt ? new KeyAnswer(KeyVerdict.Expired) : new KeyAnswer(KeyVerdict.Known, key);
    }

    private sealed class LookUp(Func<Task<ApiKey?>> read)
    {
        private readonly Lazy<Task<ApiKey?>> _task = new(read);

        public Task<ApiKey?> Task => _task.Value;

        private int _wanted = -1;
        private KeyRecord? _undelivered;

        /// <summary>What was read, where nobody has noted that its secret was delivered. One of those who wait takes it.</summary>
        public KeyRecord? Undelivered
        {
            get => Volatile.Read(ref _undelivered);
            set => Volatile.Write(ref _undelivered, value);
        }

        public KeyRecord? TakeUndelivered() => Interlocked.Exchange(ref _undelivered, null);

        /// <summary>The version that the key got while it was read. An older one serves those who wait, and nobody after them.</summary>
        public int Wanted => Volatile.Read(ref _wanted);

        public void Wants(int version)
        {
            for (var seen = Wanted; version > seen; seen = Wanted)
            {
                if (Interlocked.CompareExchange(ref _wanted, version, seen) == seen) return;
            }
        }
    }

    private sealed class LookUpRefusedException : Exception;

    private static partial class Log
    {
        [LoggerMessage(500, LogLevel.Error, "The record of key {Id} in Redis can not be read: {Reason}")]
        public static partial void Unreadable(ILogger logger, string id, string reason);
    }
}
