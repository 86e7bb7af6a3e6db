using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Reservations.Pool;
using Gateway.Shipping;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using StackExchange.Redis;

namespace Gateway.Streams;

/// <summary>
/// The ledger for nodes without a disk: charges go to a Redis stream that all nodes share, before the client can have the whole answer. They are as
/// durable as that Redis. Holds and leases are not kept: what a node that died had leased comes back when its entitlements end.
/// </summary>
internal sealed partial class StreamLedger(RedisConnection redis, JournalOptions options, TimeProvider clock, ILogger<StreamLedger> logger)
    : PeriodicService(TimeSpan.FromSeconds(1), clock, logger), ILedger, IBacklog
{
    // On the server that has the stream, which in a cluster is one of many.
    private const string CheckScript = """
        local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
        return {
          redis.call('MEMORY', 'USAGE', KEYS[1]) or 0,
          redis.call('XLEN', KEYS[2]),
          string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:(%S+)') or '',
          first[1] and string.match(first[1][1], '^%d+') or '0',
          redis.call('LLEN', KEYS[3]) + redis.call('LLEN', KEYS[4]) }
        """;

    // A fail-over of Redis takes a few seconds; an answer that waits longer than this is not given.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly ResiliencePipeline _append = new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddTimeout(Patience)
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = static arguments => ValueTask.FromResult(IsPassing(arguments.Outcome.Exception)),
            MaxRetryAttempts = int.MaxValue,
            Delay = Pause,
            UseJitter = true,
        })
        .Build();

    private volatile State _state = new("Redis has not answered yet.", 0, 0, 0, 0);

    public bool CanAppend => _state.Trouble is null;

    public JournalHealth Health => _state is var state ? new(state.Trouble is null, state.Trouble, state.Damaged, TornRecords: 0) : default;

    public long Bytes => _state.Bytes;

    public bool KeepsAtOnce => false;

    public bool KeepsFractions => false;

    public DateTimeOffset? Oldest => _state.First is > 0 and var first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null;

    public long Quarantined => _state.Quarantined;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(); // the first request shall not be refused because nobody has looked yet
        await base.StartAsync(cancellationToken);
    }

    public ValueTask AppendAsync(in Settled settled) => AppendAsync(UsageStream.Encode(settled));

    public void Append(in HoldPlaced hold)
    {
    }

    public void Append(in HoldReleased released)
    {
    }

    public JournalPosition Append(in LeaseTaken taken) => default;

    public void Append(in LeaseReturned returned)
    {
    }

    public void Append(in CarrySnapshot carry)
    {
    }

    protected override Task PassAsync(CancellationToken stoppingToken) => CheckAsync();

    /// <summary>An attempt whose answer was lost may have been kept: then there are two entries with the same keys, which count once.</summary>
    private async ValueTask AppendAsync(RedisValue entry)
    {
        try
        {
            await _append.ExecuteAsync(
                async _ => await (await redis.DatabaseAsync()).StreamAddAsync(UsageStream.Charges, [new NameValueEntry(UsageStream.Field, entry)]));
        }
        catch (Exception e) when (e is RedisException or TimeoutException or TimeoutRejectedException or ObjectDisposedException)
        {
            var trouble = Explain(e);
            Become(_state with { Trouble = trouble });
            throw new JournalUnavailableException(trouble, e);
        }
    }

    private async Task CheckAsync()
    {
        try
        {
            var found = (RedisValue[])(await (await redis.DatabaseAsync()).ScriptEvaluateAsync(CheckScript, [UsageStream.Charges, UsageStream.Damaged, UsageStream.Quarantine, UsageStream.Replaying]))!;
            var bytes = (long)found[0];
            Become(new State(Eviction(found[2].ToString()) ?? Room(bytes), bytes, Damaged: (long)found[1], First: (long)found[3], Quarantined: (long)found[4]));
        }
        catch (Exception e)
        {
            Become(_state with { Trouble = Explain(e) });
        }
    }

    private string? Room(long bytes) => bytes < options.MaxBytes
        ? null
        : $"The stream of charges has reached Gateway:Journal:MaxBytes ({options.MaxBytes}). It shrinks as Paygentic accepts usage.";

    /// <summary>A Redis that throws keys away when it is full would throw away charges.</summary>
    private static string? Eviction(string policy) => policy.StartsWith("allkeys", StringComparison.Ordinal)
        ? $"Redis may throw charges away: its maxmemory-policy is {policy}. Set it to noeviction, or to a volatile one."
        : null;

    private void Become(State state)
    {
        var before = _state.Trouble;
        _state = state;
        if (state.Trouble == before) return;
        if (state.Trouble is { } trouble) Log.Troubled(logger, trouble);
        else Log.Well(logger);
    }

    /// <summary>A server's own words, as for a memory that is full; else only what kind of failure it was, for messages of the client tell of its insides.</summary>
    private static string Explain(Exception e) => e is RedisServerException
        ? $"Redis can not keep charges: {e.Message}"
        : $"Redis does not answer ({e.GetType().Name}).";

    private static bool IsPassing(Exception? e) => e switch
    {
        RedisServerException { Message: var message } =>
            message.StartsWith("LOADING", StringComparison.Ordinal) || message.StartsWith("READONLY", StringComparison.Ordinal)
            || message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal) || message.StartsWith("MASTERDOWN", StringComparison.Ordinal)
            || message.StartsWith("TRYAGAIN", StringComparison.Ordinal),
        _ => e is RedisException or TimeoutException,
    };

    /// <param name="First">When the oldest charge of the stream was put there, ms since 1970 by Redis's clock; 0 for none.</param>
    private sealed record State(string? Trouble, long Bytes, long Damaged, long First, long Quarantined);

    private static partial class Log
    {
        [LoggerMessage(640, LogLevel.Error, "Metered requests are refused: {Trouble}")]
        public static partial void Troubled(ILogger logger, string trouble);

        [LoggerMessage(641, LogLevel.Information, "Redis keeps charges; metered requests are served.")]
        public static partial void Well(ILogger logger);
    }
}
