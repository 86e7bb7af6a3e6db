using System.Text.Json;
using Gateway.Billing;
using Gateway.Reservations.Pool;
using Gateway.Shipping;
using StackExchange.Redis;

namespace Gateway.Streams;

/// <summary>The quarantine of nodes without a disk: a list in Redis that they share.</summary>
internal sealed class RedisQuarantine(RedisConnection redis, TimeProvider clock) : IQuarantine
{
    private RedisValue[] _taken = [];

    public string Place => $"Redis, {UsageStream.Quarantine}";

    public async ValueTask AddAsync(UsageEvent usage, EventResult answer)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(
            new QuarantinedEvent(clock.GetUtcNow(), answer.StatusCode, answer.Reason, usage), QuarantineJson.Default.QuarantinedEvent);
        await (await redis.DatabaseAsync()).ListRightPushAsync(UsageStream.Quarantine, line);
    }

    public async Task<IReadOnlyList<QuarantinedEvent>> TakeAllAsync()
    {
        var database = await redis.DatabaseAsync();
        for (var left = await database.ListLengthAsync(UsageStream.Quarantine); left > 0; left--)
            await database.ListMoveAsync(UsageStream.Quarantine, UsageStream.Replaying, ListSide.Left, ListSide.Right);

        _taken = await database.ListRangeAsync(UsageStream.Replaying);
        return Read(_taken);
    }

    public async Task<IReadOnlyList<QuarantinedEvent>> ListAsync()
    {
        var database = await redis.DatabaseAsync();
        return Read([.. await database.ListRangeAsync(UsageStream.Replaying), .. await database.ListRangeAsync(UsageStream.Quarantine)]);
    }

    /// <summary>The last answer counts.</summary>
    private static List<QuarantinedEvent> Read(RedisValue[] lines)
    {
        var last = new Dictionary<string, QuarantinedEvent>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var found = JsonSerializer.Deserialize((byte[])line!, QuarantineJson.Default.QuarantinedEvent)!;
            last[found.Event.IdempotencyKey] = found;
        }

        return [.. last.Values];
    }

    /// <summary>Only what this replay took: another one may run on another machine.</summary>
    public async Task DoneAsync()
    {
        var database = await redis.DatabaseAsync();
        foreach (var line in _taken) await database.ListRemoveAsync(UsageStream.Replaying, line, count: 1);
        _taken = [];
    }
}
