using Gateway.Billing;
using Gateway.Model;
using Gateway.Shipping;
using StackExchange.Redis;

namespace Gateway.Streams;

/// <summary>The usage events of some entries of the stream.</summary>
/// <param name="Entries">The entries of each request; one that was written twice, because the first answer was lost, has two.</param>
internal sealed record StreamBatch(IReadOnlyList<UsageEvent> Events, IReadOnlyDictionary<Guid, List<RedisValue>> Entries, bool IsDeferred)
    : Batch(Events, IsDeferred)
{
    public static StreamBatch Of(IEnumerable<(RedisValue Id, Settlement Settlement)> entries)
    {
        var builder = new BatchBuilder(TimeSpan.Zero, int.MaxValue);
        var ids = new Dictionary<Guid, List<RedisValue>>();
        foreach (var (id, settlement) in entries)
        {
            if (ids.TryGetValue(settlement.RequestId, out var same))
            {
                same.Add(id);
                continue;
            }

            ids.Add(settlement.RequestId, [id]);
            builder.TryAdd(settlement);
        }

        return new StreamBatch(builder.Build(), ids, IsDeferred: false);
    }
}
