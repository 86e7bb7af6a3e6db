using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.FunctionalTests.Pool;

/// <summary>What a start does to a pool that others work with.</summary>
public sealed class PoolWarmUpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, InlineData(RedisKind.Embedded), InlineData(RedisKind.Server)]
    public async Task It_runs_every_script_of_a_lease_and_leaves_nothing_to_be_leased_and_nobodys_turn(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var calls = new List<string>();
        var pool = new ListeningPool(redis.Pool, calls);
        for (var i = 0; i < 2; i++) await new PoolWarmUp(pool).StartAsync(Stop);

        Assert.Equal(["lease Turn", "deposit Fenced", "return Expired", "pass"], calls[..4]);
        Assert.Equal(calls[..4], calls[4..]);
        var left = await redis.Pool.InspectAsync(pool.Account!.Value);
        Assert.Equal(("", 0), (left.Turn, left.Entitlements.Count));
    }

    [Fact]
    public async Task A_redis_that_is_away_does_not_keep_the_gateway_from_starting()
    {
        await using var redis = await PoolFixture.StartAsync(RedisKind.Server);
        await redis.LeaseAsync(1);
        await redis.Server!.StopAsync();

        await new PoolWarmUp(redis.Pool).StartAsync(Stop);
    }

    private sealed class ListeningPool(IEntitlementPool pool, List<string> calls) : IEntitlementPool
    {
        public AccountId? Account { get; private set; }

        public async Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request) => Heard("lease", await pool.LeaseAsync(Account ??= account, request));

        public async Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement) =>
            Heard("deposit", await pool.DepositAsync(account, request, entitlement));

        public async Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest)
        {
            var outcome = await pool.ReturnAsync(account, leaseId, rest);
            calls.Add($"return {outcome}");
            return outcome;
        }

        public Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause)
        {
            calls.Add("pass");
            return pool.PassAsync(account, reason, units, pause);
        }

        public Task StowAsync(AccountId account, string operation, int microUnits) => throw new NotSupportedException();

        public Task<PoolContents> InspectAsync(AccountId account) => throw new NotSupportedException();

        private PoolAnswer Heard(string call, PoolAnswer answer)
        {
            calls.Add($"{call} {answer.Kind}");
            return answer;
        }
    }
}
