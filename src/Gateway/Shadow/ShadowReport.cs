using Gateway.Model;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Shadow;

/// <summary>
/// Who would have been refused, and who charged with what: the sum over all nodes, in Redis, until it is reset. A node tells it every two seconds, so a
/// crash can lose so much of it; the journal has each verdict.
/// </summary>
internal sealed partial class ShadowReport(ShadowBook book, RedisConnection redis, TimeProvider clock, ILogger<ShadowReport> logger) : BackgroundService
{
    /// <summary>Most lines kept; further customers are counted together.</summary>
    private const int MostLines = 100_000;

    private static readonly TimeSpan Pass = TimeSpan.FromSeconds(2);
    private static readonly RedisKey Lines = "gateway:{shadow}:lines";

    private bool _isAway;

    /// <summary>Most requests first. Throws <see cref="RedisException"/> or <see cref="TimeoutException"/> when Redis does not answer.</summary>
    public async Task<IReadOnlyList<ShadowRow>> ReadAsync()
    {
        await TellAsync();
        var rows = new Dictionary<(string, string), ShadowRow>();
        foreach (var entry in await (await redis.DatabaseAsync()).HashGetAllAsync(Lines))
        {
            if (ShadowLine.Parse(entry.Name.ToString()) is not { } line) continue;
            if (!rows.TryGetValue((line.Route, line.Customer), out var row)) rows[(line.Route, line.Customer)] = row = new ShadowRow(line.Route, line.Customer);
            row.Add(line, (long)entry.Value);
        }

        return [.. rows.Values.OrderByDescending(r => r.Requests).ThenBy(r => r.Route, StringComparer.Ordinal).ThenBy(r => r.Customer, StringComparer.Ordinal)];
    }

    public async Task ResetAsync()
    {
        book.Take();
        await (await redis.DatabaseAsync()).KeyDeleteAsync(Lines);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Pass, clock);
        using var stop = stoppingToken.Register(timer.Dispose); // a wait then ends with false
        var goesOn = true;
        while (goesOn)
        {
            goesOn = await timer.WaitForNextTickAsync(CancellationToken.None); // the last pass is at the end
            try
            {
                await TellAsync();
                _isAway = false;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                if (!_isAway) Log.Away(logger, e.GetType().Name);
                _isAway = true;
            }
        }
    }

    /// <summary>While Redis is away everything stays in the book. What it may or may not have counted is not told again: this is a report, no bill.</summary>
    private async Task TellAsync()
    {
        var database = await redis.DatabaseAsync();
        var isFull = await database.HashLengthAsync(Lines) >= MostLines;
        var told = new List<Task>();
        foreach (var (line, count) in book.Take())
            told.Add(database.HashIncrementAsync(Lines, (isFull ? line with { Customer = ShadowLine.Others } : line).ToString(), count));
        await Task.WhenAll(told);
    }

    private static partial class Log
    {
        [LoggerMessage(960, LogLevel.Warning, "What was decided in shadow mode can not be added to the report now ({Reason}); it will be.")]
        public static partial void Away(ILogger logger, string reason);
    }
}

/// <summary>One customer on one route.</summary>
/// <param name="Route">YARP's route id.</param>
/// <param name="Customer">Empty: requests without a valid key.</param>
internal sealed record ShadowRow(string Route, string Customer)
{
    /// <summary>Requests since the report was reset.</summary>
    public long Requests { get; private set; }

    /// <summary>Those that would have been served.</summary>
    public long Allowed { get; private set; }

    /// <summary>Those that would have been refused, by the problem's type.</summary>
    public SortedDictionary<string, long> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>Units that would have been charged, by metric.</summary>
    public SortedDictionary<string, long> Charged { get; } = new(StringComparer.Ordinal);

    public void Add(ShadowLine line, long count)
    {
        if (line.Kind == ShadowLine.Units)
        {
            Charged[line.Name] = count;
            return;
        }

        Requests += count;
        if (line.Name == Verdicts.Allowed) Allowed = count;
        else Refused[line.Name] = count;
    }
}
