using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Keys;

/// <summary>
/// Tells the directory what changed: at once by what Redis pushes, and every two seconds by what Redis has noted, for a push can be lost and nobody is
/// told. While it can not ask, keys in memory stay good for a stated time.
/// </summary>
internal sealed partial class KeyFeed(RedisConnection redis, KeyStore store, KeyDirectory directory, TimeProvider clock, ILogger<KeyFeed> logger)
    : PeriodicService(AskEvery, clock, logger, atOnce: true)
{
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    // Redis keeps changes for a day (save.lua). By the wall clock, for a suspended machine's other clock stands still.
    private static readonly TimeSpan MostAway = TimeSpan.FromHours(12);

    private double? _mark;
    private DateTimeOffset _askedAt;
    private IConnectionMultiplexer? _subscribed;
    private bool _isAway;

    protected override Task PassAsync(CancellationToken stoppingToken) => AskAsync();

    /// <summary>One question.</summary>
    public async Task AskAsync()
    {
        try
        {
            var now = Clock.GetUtcNow();
            await SubscribeAsync();
            if (_mark is not { } mark)
            {
                await BeginAsync();
            }
            else if (await store.ChangedSinceAsync(mark) is var (changed, next))
            {
                _mark = next;
                foreach (var change in changed) directory.Changed(change);
                if (now - _askedAt > MostAway) directory.AllChanged();
            }
            else
            {
                Log.Lost(logger);
                await BeginAsync();
            }

            _askedAt = now;
            directory.Trust();
            _isAway = false;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or FormatException)
        {
            if (!_isAway) Log.Away(logger, e.GetType().Name);
            _isAway = true;
        }
    }

    /// <summary>What changed before the mark nobody has told: what was looked up before it is looked up again.</summary>
    private async Task BeginAsync()
    {
        _mark = await store.MarkAsync();
        directory.AllChanged();
    }

    /// <summary>Once a connection: what could not be subscribed to now, the client subscribes to as soon as it can. No question waits for that.</summary>
    private async Task SubscribeAsync()
    {
        var connection = (await redis.DatabaseAsync()).Multiplexer;
        if (ReferenceEquals(connection, _subscribed)) return;
        _subscribed = connection;
        try
        {
            await connection.GetSubscriber().SubscribeAsync(KeyStore.Channel, (_, change) => directory.Changed(KeyChange.Parse(change.ToString())));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Log.NotPushed(logger, e.GetType().Name, AskEvery.TotalSeconds);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Warning, "Redis can not be asked which keys changed ({Reason}). Keys in memory stay good for Gateway:ApiKeys:OfflineSeconds.")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(511, LogLevel.Warning, "Redis has forgotten changes of keys; all keys are looked up again.")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(512, LogLevel.Warning, "Redis does not push which keys changed ({Reason}): until it does, another node's change is known {Seconds} s later at most.")]
        public static partial void NotPushed(ILogger logger, string reason, double seconds);
    }
}
