using System.Text.Json;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Keys;

/// <summary>
/// Issued keys in Redis, all in one hash slot, so that a record, the lists that name it and the note that it changed are written at once. Throws
/// <see cref="RedisException"/> or <see cref="TimeoutException"/> when Redis does not answer.
/// </summary>
internal sealed class KeyStore(RedisConnection redis)
{
    public static readonly RedisChannel Channel = RedisChannel.Literal("gateway:keys:changed");

    private const string Tag = "gateway:{keys}:";
    private const int MostAttempts = 10;
    private static readonly RedisKey All = Tag + "all";
    private static readonly RedisKey Changes = Tag + "changes";
    private static readonly RedisKey Due = Tag + "due";
    private static readonly RedisKey Waiting = Tag + "waiting";
    private static readonly RedisKey Pending = Tag + "pending"; // what an earlier version has instead of the two before
    private static readonly string SaveScript = RedisScript.Read<KeyStore>("save");
    private static readonly string PutOffScript = RedisScript.Read<KeyStore>("put-off");

    /// <summary>Null when there is none.</summary>
    public async Task<KeyRecord?> FindAsync(KeyId id) => Read(await (await redis.DatabaseAsync()).StringGetAsync(RecordOf(id.ToString())));

    /// <returns>False when there is a key of this id.</returns>
    public async Task<bool> AddAsync(KeyRecord record) => await SaveAsync(RedisValue.EmptyString, null, record);

    /// <summary>Changes a record as it is at that moment, whoever else changes it.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="change">Null: nothing is to be changed. May be called more than once.</param>
    /// <returns>The record as it is now; null when there is none.</returns>
    public async Task<KeyRecord?> ChangeAsync(string id, Func<KeyRecord, KeyRecord?> change)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var seen = await (await redis.DatabaseAsync()).StringGetAsync(RecordOf(id));
            if (Read(seen) is not { } record) return null;
            if (change(record) is not { } next) return record;
            next = next with { Version = record.Version + 1 };
            if (await SaveAsync(seen, record, next)) return next;
        }

        throw new TimeoutException($"The key {id} is changed by others all the time.");
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<KeyRecord>> ListAsync(string? customerId, int offset, int limit)
    {
        var database = await redis.DatabaseAsync();
        var ids = customerId is null
            ? await database.SortedSetRangeByRankAsync(All, offset, offset + limit - 1, Order.Descending)
            : await database.SetMembersAsync(OfCustomer(customerId));
        var found = await Task.WhenAll(ids.Select(id => database.StringGetAsync(RecordOf(id.ToString()))));
        var records = found.Select(TryRead).OfType<KeyRecord>();
        return customerId is null ? [.. records] : [.. records.OrderByDescending(r => r.CreatedAt).Skip(offset).Take(limit)];
    }

    /// <summary>Keys whose subscription is to be asked about by now, the longest due first.</summary>
    /// <param name="now">By this node's clock.</param>
    /// <param name="longest">Nobody puts a key off for longer: whoever did had a clock that was ahead.</param>
    /// <param name="most">How many at once.</param>
    public async Task<IReadOnlyList<DueKey>> DueAsync(DateTimeOffset now, TimeSpan longest, int most)
    {
        var database = await redis.DatabaseAsync();
        await TakeOverAsync(database, most);
        var due = await database.SortedSetRangeByScoreAsync(Due, stop: now.ToUnixTimeMilliseconds(), take: most);
        if (due.Length < most) due = [.. due, .. await database.SortedSetRangeByScoreAsync(Due, start: (now + longest).ToUnixTimeMilliseconds(), take: most - due.Length)];
        return await ReadAsync(database, due);
    }

    /// <summary>Keys that wait for these subscriptions.</summary>
    public async Task<IReadOnlyList<DueKey>> WaitingAsync(IEnumerable<string> subscriptions)
    {
        var database = await redis.DatabaseAsync();
        var ids = await database.HashGetAsync(Waiting, [.. subscriptions.Select(s => (RedisValue)s)]);
        return await ReadAsync(database, ids.Where(id => !id.IsNull));
    }

    /// <summary>The key is asked about then, and never when that is null: unless it has changed since it was read.</summary>
    public async Task PutOffAsync(DueKey key, DateTimeOffset? until) => await (await redis.DatabaseAsync()).ScriptEvaluateAsync(
        PutOffScript, [RecordOf(key.Id), Due], [key.Seen.IsNull ? RedisValue.EmptyString : key.Seen, key.Id, until?.ToUnixTimeMilliseconds() ?? RedisValue.EmptyString]);

    /// <summary>
    /// What changed after a mark, and the mark for the next time. Marks grow with every change. Null: the change at the mark is gone, so that Redis was
    /// emptied or set back, and nobody knows what else it has forgotten.
    /// </summary>
    /// <param name="mark">0: there was no change yet.</param>
    public async Task<(IReadOnlyList<KeyChange> Changes, double Mark)?> ChangedSinceAsync(double mark)
    {
        var entries = await (await redis.DatabaseAsync()).SortedSetRangeByScoreWithScoresAsync(Changes, mark);
        if (mark > 0 && (entries.Length == 0 || entries[0].Score > mark)) return null;
        return ([.. entries.Where(e => e.Score > mark).Select(e => KeyChange.Parse(e.Element.ToString()))], entries.Length == 0 ? mark : entries[^1].Score);
    }

    /// <summary>Where changes are now.</summary>
    public async Task<double> MarkAsync() =>
        await (await redis.DatabaseAsync()).SortedSetRangeByRankWithScoresAsync(Changes, -1, -1) is [var last] ? last.Score : 0;

    /// <summary>Keys that an earlier version has left waiting, which may still run beside this one.</summary>
    private static async Task TakeOverAsync(IDatabase database, int most)
    {
        foreach (var key in await ReadAsync(database, await database.SetRandomMembersAsync(Pending, most)))
        {
            if (key.Record?.WaitsFor is { } subscription) await database.HashSetAsync(Waiting, subscription, key.Id);
            await database.SortedSetAddAsync(Due, key.Id, 0);
            await database.SetRemoveAsync(Pending, key.Id);
        }
    }

    private static Task<DueKey[]> ReadAsync(IDatabase database, IEnumerable<RedisValue> ids) => Task.WhenAll(ids.Select(async id =>
    {
        var seen = await database.StringGetAsync(RecordOf(id.ToString()));
        return new DueKey(id.ToString(), TryRead(seen), seen);
    }));

    private async Task<bool> SaveAsync(RedisValue seen, KeyRecord? before, KeyRecord record)
    {
        var database = await redis.DatabaseAsync();
        var change = new KeyChange(KeyId.Parse(record.Id), record.Version).ToString();
        var saved = (bool)await database.ScriptEvaluateAsync(
            SaveScript, [RecordOf(record.Id), All, OfCustomer(record.CustomerId), Changes, Due, Waiting],
            [seen, JsonSerializer.SerializeToUtf8Bytes(record, KeyRecordJson.Default.KeyRecord), record.Id, record.CreatedAt.ToUnixTimeMilliseconds(), change,
                before?.WaitsFor ?? "", record.WaitsFor ?? ""]);
        if (saved) await PushAsync(database, change);
        return saved;
    }

    /// <summary>Nodes that miss it find the change by themselves.</summary>
    private static async Task PushAsync(IDatabase database, string change)
    {
        try
        {
            await database.PublishAsync(Channel, change);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It is saved.
        }
    }

    private static KeyRecord? Read(RedisValue json) =>
        json.IsNullOrEmpty ? null : JsonSerializer.Deserialize((byte[])json!, KeyRecordJson.Default.KeyRecord);

    /// <summary>Of many, one that can not be read stands in no other's way. Whoever asks for that one is told (<see cref="KeyDirectory"/>).</summary>
    private static KeyRecord? TryRead(RedisValue json)
    {
        try
        {
            return Read(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RedisKey RecordOf(string id) => Tag + "key:" + id;

    private static RedisKey OfCustomer(string customerId) => Tag + "of:" + customerId;
}
