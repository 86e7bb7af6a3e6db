using System.Text.Json;
using Gateway.Keys;

namespace Gateway.Bench.Arms;

/// <summary>Writes records of issued keys straight into Redis: the admin API issues them one at a time, and a million would take minutes.</summary>
internal static class IssuedKeys
{
    private const int AtOnce = 5_000;

    /// <summary>All of one customer: what is measured is keys, and accounts are another matter.</summary>
    /// <returns>The keys.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(RedisProcess redis, int count, CancellationToken stop)
    {
        await using var connection = await redis.ConnectAsync();
        var database = connection.GetDatabase();
        var (keys, pending, now) = (new List<string>(count), new List<Task>(AtOnce), TimeProvider.System.GetUtcNow());
        for (var i = 0; i < count; i++)
        {
            var id = KeyText.NewId();
            var key = KeyText.Create("gw", id);
            keys.Add(key);
            var record = new KeyRecord { Id = id.ToString(), Sha256 = Sha256(key), CustomerId = Traffic.Customer, CreatedAt = now, IsDelivered = true };
            pending.Add(database.StringSetAsync("gateway:{keys}:key:" + record.Id, JsonSerializer.SerializeToUtf8Bytes(record, KeyRecordJson.Default.KeyRecord)));
            if (pending.Count < AtOnce && i < count - 1) continue;
            stop.ThrowIfCancellationRequested();
            await Task.WhenAll(pending);
            pending.Clear();
        }

        return keys;
    }

    private static string Sha256(string key) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)));
}
