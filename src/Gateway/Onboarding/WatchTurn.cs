using Gateway.Reservations;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Onboarding;

/// <summary>One node at a time asks Paygentic about payments; when it is gone for some seconds another one does. Two at once would do no harm.</summary>
internal sealed class WatchTurn(RedisConnection redis, NodeIdentity node)
{
    private static readonly RedisKey Turn = "gateway:{keys}:watcher";
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    public async Task<bool> IsOursAsync()
    {
        var database = await redis.DatabaseAsync();
        var us = node.Id.ToString("N");
        return await database.StringSetAsync(Turn, us, Length, When.NotExists)
            || (await database.StringGetAsync(Turn) == us && await database.KeyExpireAsync(Turn, Length));
    }
}
