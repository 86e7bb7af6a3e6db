using Gateway.FunctionalTests.Kit;
using StackExchange.Redis;

namespace Gateway.FunctionalTests.Pool;

public sealed class EmbeddedRedisTests
{
    [Fact]
    public async Task What_does_not_fit_in_memory_is_not_forgotten()
    {
        const int values = 12_000;
        var value = new string('x', 16 * 1024); // 192 MB in all, and 128 fit
        await using var fixture = await PoolFixture.StartAsync(RedisKind.Embedded);
        var database = await fixture.DatabaseAsync();
        var deadline = new Deadline(TimeSpan.FromSeconds(60));
        foreach (var part in Enumerable.Range(0, values).Chunk(20))
        {
            while (true)
            {
                try
                {
                    await Task.WhenAll(part.Select(i => database.StringSetAsync($"k{i}", value)));
                    break;
                }
                catch (RedisTimeoutException)
                {
                    Assert.True(await deadline.TickAsync(), "the disk takes nothing"); // while it takes what does not fit, an answer can be late
                }
            }
        }

        var missing = 0;
        for (var i = 0; i < values; i += 20)
        {
            if (await database.StringLengthAsync($"k{i}") != value.Length) missing++;
        }

        Assert.Equal(0, missing);
    }
}
