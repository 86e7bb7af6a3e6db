using System.Diagnostics;
using StackExchange.Redis;

namespace Gateway.Reservations.Pool;

/// <summary>The one connection to Redis: to the embedded one, started here when configured so, or to an external one.</summary>
internal sealed class RedisConnection(RedisOptions options, string dataDirectory, ILoggerFactory loggers) : IAsyncDisposable
{
    // A reservation waits on these: an answer that takes longer is as good as none.
    private const int TimeoutMilliseconds = 2000;

    // Every request may ask for it, and a start that fails is a second's work.
    private static readonly TimeSpan StartAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _starting = new();
    private (long At, string Why)? _notStarted;
    private EmbeddedRedis? _embedded;
    private Task<ConnectionMultiplexer>? _connection;

    public bool IsConnected => _connection is { IsCompletedSuccessfully: true } c && c.Result.IsConnected;

    public async ValueTask<IDatabase> DatabaseAsync()
    {
        var connection = Volatile.Read(ref _connection) ?? Connect();
        try
        {
            return (await connection).GetDatabase();
        }
        catch
        {
            _ = Interlocked.CompareExchange(ref _connection, null, connection); // the next caller tries again
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsCompletedSuccessfully: true } connection) await connection.Result.DisposeAsync();
        _embedded?.Dispose();
    }

    private Task<ConnectionMultiplexer> Connect()
    {
        lock (_starting) return _connection ??= ConnectAsync();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        await Task.Yield(); // out of the lock: starting the embedded server takes about a second
        ConfigurationOptions configuration;
        if (options.Mode == RedisMode.Embedded)
        {
            _embedded ??= StartEmbedded();
            configuration = _embedded.Configuration;
        }
        else
        {
            configuration = ConfigurationOptions.Parse(options.Connection);
        }

        configuration.AbortOnConnectFail = true;
        configuration.ConnectTimeout = TimeoutMilliseconds;
        configuration.AsyncTimeout = TimeoutMilliseconds;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ClientName = "gateway";
        configuration.LoggerFactory = null;
        return await ConnectionMultiplexer.ConnectAsync(configuration);
    }

    /// <summary>
    /// What keeps it from starting, a full disk for one, is to who asks the same as a Redis that is away: it is tried again, and meanwhile the gateway
    /// ships what is in the journal.
    /// </summary>
    private EmbeddedRedis StartEmbedded()
    {
        if (_notStarted is var (at, why) && Stopwatch.GetElapsedTime(at) < StartAgainAfter) throw new RedisException(why);
        try
        {
            return EmbeddedRedis.Start(Path.Combine(dataDirectory, "redis"), loggers.CreateLogger<EmbeddedRedis>());
        }
        catch (Exception e)
        {
            var reason = $"The embedded Redis could not be started: {e.Message}";
            _notStarted = (Stopwatch.GetTimestamp(), reason);
            throw new RedisException(reason, e);
        }
    }
}
