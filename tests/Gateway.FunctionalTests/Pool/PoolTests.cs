using Gateway.Billing;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.FunctionalTests.Pool;

/// <summary>The scripts, in the embedded Redis and in a real one.</summary>
public sealed class PoolTests
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly AccountId Account = new(new CustomerId("cus_1"), new MetricName("basic"));

    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    [Theory, MemberData(nameof(Redis))]
    public async Task Leases_take_what_is_there_nearest_expiry_first_and_uses_in_proportion(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        await redis.Pool.DepositAsync(Account, Entitlement("ent late", 100, uses: 20, hours: 2));
        await redis.Pool.DepositAsync(Account, Entitlement("ent_soon", 7, uses: 7, hours: 1));
        await redis.Pool.DepositAsync(Account, Entitlement("ent_ending", 50, uses: 50, hours: 0.01)); // within the margin

        Assert.Equal(("ent_soon", 5, 5), await redis.LeaseAsync(5));
        Assert.Equal(("ent_soon", 2, 2), await redis.LeaseAsync(5));
        Assert.Equal(("ent late", 10, 2), await redis.LeaseAsync(10));
        Assert.Equal(("ent late", 90, 18), await redis.LeaseAsync(1000));
        Assert.Null(await redis.LeaseAsync(1));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Every_operation_repeated_changes_nothing(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var entitlement = Entitlement("ent_1", 10, uses: 10, hours: 1);
        var lease = Guid.NewGuid();

        for (var i = 0; i < 3; i++) await redis.Pool.DepositAsync(Account, entitlement);
        var answers = new List<PooledUnits?>();
        for (var i = 0; i < 3; i++) answers.Add(await redis.Pool.LeaseAsync(Account, lease, 6, Margin));
        Assert.All(answers, a => Assert.Equal(6, a!.Units));
        Assert.Equal(entitlement.ExpiresAt.ToUnixTimeMilliseconds(), answers[0]!.ExpiresAt.ToUnixTimeMilliseconds());
        for (var i = 0; i < 3; i++) await redis.Pool.ReturnAsync(Account, lease, answers[0]! with { Units = 2, Uses = 2 });

        Assert.Equal(("ent_1", 6, 6), await redis.LeaseAsync(100)); // 10 - 6 + 2
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Many_at_once_get_exactly_what_there_is(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        for (var i = 0; i < 5; i++) await redis.Pool.DepositAsync(Account, Entitlement($"ent_{i}", 200, uses: 200, hours: 1 + i));

        var leases = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => redis.LeaseAsync(1 + (i % 7))));

        Assert.Equal(1000, leases.Sum(l => l?.Units ?? 0));
        Assert.All(leases.Where(l => l is not null).GroupBy(l => l!.Value.Entitlement), e => Assert.Equal((200, 200), (e.Sum(l => l!.Value.Units), e.Sum(l => l!.Value.Uses))));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Accounts_do_not_see_each_others_units(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        await redis.Pool.DepositAsync(Account with { Metric = new MetricName("other") }, Entitlement("ent_1", 10, uses: 10, hours: 1));

        Assert.Null(await redis.LeaseAsync(1));
    }

    private static Entitlement Entitlement(string id, long units, int uses, double hours) =>
        new(new EntitlementId(id), units, uses, TimeProvider.System.GetUtcNow().AddHours(hours));

    private sealed class PoolFixture(RedisServer? server, RedisConnection connection, DirectoryInfo folder) : IAsyncDisposable
    {
        public RedisEntitlementPool Pool { get; } = new(connection);

        public static async Task<PoolFixture> StartAsync(RedisKind kind)
        {
            var server = kind == RedisKind.Server ? await RedisServer.StartAsync() : null;
            var folder = Directory.CreateTempSubdirectory("pool-");
            var options = server is null ? new RedisOptions() : new RedisOptions { Mode = RedisMode.External, Connection = server.Connection };
            return new PoolFixture(server, new RedisConnection(options, folder.FullName, NullLoggerFactory.Instance), folder);
        }

        public async Task<(string Entitlement, long Units, int Uses)?> LeaseAsync(long units) =>
            await Pool.LeaseAsync(Account, Guid.NewGuid(), units, Margin) is { } taken ? (taken.Entitlement.Value, taken.Units, taken.Uses) : null;

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            if (server is not null) await server.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
