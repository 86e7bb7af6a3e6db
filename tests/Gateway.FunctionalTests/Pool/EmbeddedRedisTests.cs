using Gateway.FunctionalTests.Kit;

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
        foreach (var part in Enumerable.Range(0, values).Chunk(50))
            await Task.WhenAll(part.Select(i => database.StringSetAsync($"k{i}", value)));

        var missing = 0;
        foreach (var part in Enumerable.Range(0, values).Chunk(50))
            missing += (await Task.WhenAll(part.Select(i => database.StringLengthAsync($"k{i}")))).Count(length => length != value.Length);

        Assert.Equal(0, missing);
    }
}
