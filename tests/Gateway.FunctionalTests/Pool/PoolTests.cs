using Gateway.Billing;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.FunctionalTests.Pool;

/// <summary>The scripts, in the embedded Redis and in a real one.</summary>
public sealed class PoolTests
{
    private static readonly AccountId Account = PoolFixture.Account;
    private static readonly Entitlement Ten = new(new EntitlementId("ent_1"), 10, 10, TimeSpan.FromHours(1));

    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    [Theory, MemberData(nameof(Redis))]
    public async Task Leases_take_what_is_there_nearest_expiry_first_and_uses_in_proportion(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        await redis.ReturnAsync("ent late", 100, uses: 20, hours: 2);
        await redis.ReturnAsync("ent_soon", 7, uses: 7, hours: 1);
        await redis.ReturnAsync("ent_ending", 50, uses: 50, hours: 0.01); // within the margin

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
        var request = new LeaseRequest(Guid.NewGuid(), Units: 6, Least: 1, TakesCarry: true);
        var turn = await redis.Pool.LeaseAsync(Account, request);
        var answers = new List<PooledUnits>();
        for (var i = 0; i < 3; i++) answers.Add((await redis.Pool.DepositAsync(Account, request, PoolFixture.AsOf(turn, Ten))).Lease!.Units);
        for (var i = 0; i < 3; i++) answers.Add((await redis.Pool.LeaseAsync(Account, request)).Lease!.Units);
        Assert.All(answers, a => Assert.Equal(answers[0], a));
        Assert.Equal(6, answers[0].Units);

        for (var i = 0; i < 3; i++)
            Assert.Equal(ReturnOutcome.Returned, await redis.Pool.ReturnAsync(Account, request.LeaseId, answers[0] with { Units = 2, Uses = 2 }));
        for (var i = 0; i < 3; i++) await redis.Pool.StowAsync(Account, "a", 400_000);

        var contents = await redis.Pool.InspectAsync(Account);
        Assert.Equal((6, 6, 400_000), (contents.Entitlements.Single().Units, contents.Entitlements.Single().Uses, contents.CarryMicroUnits)); // 10 - 6 + 2
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Many_at_once_get_exactly_what_there_is(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        for (var i = 0; i < 5; i++) await redis.ReturnAsync($"ent_{i}", 200, uses: 200, hours: 1 + i);

        // Redis knows the script after the first, and is not sent it with each; of four hundred at once, and even of one hundred on a busy disk, the last waits for longer than the pool does.
        List<(string Entitlement, long Units, int Uses)?> leases = [await redis.LeaseAsync(1)];
        foreach (var wants in Enumerable.Range(1, 399).Select(i => 1 + (i % 7)).Chunk(25)) leases.AddRange(await Task.WhenAll(wants.Select(units => redis.LeaseAsync(units))));

        Assert.Equal(1000, leases.Sum(l => l?.Units ?? 0));
        Assert.All(leases.Where(l => l is not null).GroupBy(l => l!.Value.Entitlement), e => Assert.Equal((200, 200), (e.Sum(l => l!.Value.Units), e.Sum(l => l!.Value.Uses))));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Accounts_do_not_see_each_others_units(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        await redis.ReturnAsync("ent_1", 10, uses: 10, hours: 1, Account with { Metric = new MetricName("other") });

        Assert.Null(await redis.LeaseAsync(1));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task One_node_at_a_time_has_the_turn_and_a_failure_is_remembered_for_all(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var other = redis.PoolOf("other");
        var request = new LeaseRequest(Guid.NewGuid(), Units: 10, Least: 3, TakesCarry: false);

        Assert.Equal(PoolAnswerKind.Turn, (await redis.Pool.LeaseAsync(Account, request)).Kind);
        Assert.Equal(PoolAnswerKind.Turn, (await redis.Pool.LeaseAsync(Account, request)).Kind);
        var waiting = await other.LeaseAsync(Account, request);
        Assert.Equal(PoolAnswerKind.Wait, waiting.Kind);
        Assert.InRange(waiting.Remaining, TimeSpan.FromSeconds(1), PoolFixture.Turn);

        await other.PassAsync(Account, PoolAnswerKind.Short, 3, TimeSpan.FromMinutes(1)); // not its turn
        Assert.Equal(PoolAnswerKind.Wait, (await other.LeaseAsync(Account, request)).Kind);
        await redis.Pool.PassAsync(Account, PoolAnswerKind.Short, 3, TimeSpan.FromMinutes(1));
        Assert.Equal(PoolAnswerKind.Short, (await other.LeaseAsync(Account, request)).Kind);
        Assert.Equal(PoolAnswerKind.Turn, (await other.LeaseAsync(Account, request with { Least = 2 })).Kind);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Units_return_only_in_the_epoch_in_which_they_were_leased(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var lease = await redis.DepositAsync(Ten, take: 4);

        Assert.Equal(ReturnOutcome.Fenced, await redis.Pool.ReturnAsync(Account, Guid.NewGuid(), lease with { Epoch = "0123456789abcdef.0123456789abcdef:1700000000000000" }));
        Assert.Equal(ReturnOutcome.Expired, await redis.Pool.ReturnAsync(Account, Guid.NewGuid(), lease with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) }));
        Assert.Equal(6, (await redis.Pool.InspectAsync(Account)).Entitlements.Single().Units);
    }

    [Fact]
    public async Task A_server_that_restarted_leases_out_nothing_it_had_before()
    {
        await using var redis = await PoolFixture.StartAsync(RedisKind.Server);
        var lease = await redis.DepositAsync(Ten, take: 4);

        await redis.Server!.SaveAsync();
        await redis.Server.RestartAsync();
        await redis.UntilItAnswersAsync();

        Assert.Null(await redis.LeaseAsync(1));
        Assert.Equal(ReturnOutcome.Fenced, await redis.Pool.ReturnAsync(Account, Guid.NewGuid(), lease));
        var contents = await redis.Pool.InspectAsync(Account);
        Assert.Equal((6, 0), (contents.FencedUnits, contents.Entitlements.Count));
    }

    /// <summary>Its process is the same all the time, and so is its <c>run_id</c>; what it did as the only one to know of it is gone.</summary>
    [Fact]
    public async Task A_server_that_is_promoted_again_leases_out_nothing_it_had_before()
    {
        await using var redis = await PoolFixture.StartAsync(RedisKind.Server);
        await using var other = await RedisServer.StartAsync();
        await other.FollowAsync(redis.Server!);
        var lease = await redis.DepositAsync(Ten, take: 4);
        await other.UntilInSyncAsync(redis.Server!);

        await other.PromoteAsync();
        Assert.Equal(("ent_1", 5, 5), await redis.LeaseAsync(5)); // the other one does not hear of it
        await redis.Server!.FollowAsync(other);
        await redis.Server.PromoteAsync();

        var answer = await redis.Pool.LeaseAsync(Account, new LeaseRequest(Guid.NewGuid(), Units: 1, Least: 1, TakesCarry: false));
        Assert.Equal(PoolAnswerKind.Turn, answer.Kind);
        Assert.Equal(ReturnOutcome.Fenced, await redis.Pool.ReturnAsync(Account, Guid.NewGuid(), lease));
        Assert.Equal(6, (await redis.Pool.InspectAsync(Account)).FencedUnits);
    }

    /// <summary>Deposited once more after its answer was forgotten, units that others have leased meanwhile would be there a second time.</summary>
    [Theory, MemberData(nameof(Redis))]
    public async Task A_deposit_is_remembered_until_what_was_deposited_has_ended(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var request = new LeaseRequest(Guid.NewGuid(), Units: 5, Least: 1, TakesCarry: false);
        var turn = await redis.Pool.LeaseAsync(Account, request);
        await redis.ReturnAsync("ent_soon", 5, uses: 5, hours: 0.2);

        var answer = await redis.Pool.DepositAsync(Account, request, PoolFixture.AsOf(turn, Ten));

        Assert.Equal("ent_soon", answer.Lease!.Units.Entitlement.Value);
        var ttl = await (await redis.DatabaseAsync()).KeyTimeToLiveAsync($"gateway:{{{Account}}}:lease:{request.LeaseId:N}");
        Assert.InRange(ttl!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
    }

    /// <summary>The embedded Redis writes each change to disk by itself, and the script waits for it; a real one tells how many there are.</summary>
    [Fact]
    public async Task A_refill_that_is_leased_whole_changes_three_things()
    {
        await using var redis = await PoolFixture.StartAsync(RedisKind.Server);
        await redis.DepositAsync(Ten, take: 10); // the first makes the pool

        var before = await ChangesAsync();
        await redis.DepositAsync(Ten with { Id = new EntitlementId("ent_2") }, take: 10);

        Assert.Equal(3, await ChangesAsync() - before); // the turn taken and given up, the answer kept

        async Task<long> ChangesAsync()
        {
            var info = await (await redis.DatabaseAsync()).ScriptEvaluateAsync("return redis.call('INFO', 'persistence')");
            return long.Parse(info.ToString().Split('\n').Single(l => l.StartsWith("rdb_changes_since_last_save:", StringComparison.Ordinal)).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task An_entitlement_put_in_again_takes_the_place_of_what_is_left_of_it(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var request = new LeaseRequest(Guid.NewGuid(), Units: 4, Least: 1, TakesCarry: false);
        var turn = await redis.Pool.LeaseAsync(Account, request);
        await redis.Pool.DepositAsync(Account, request, PoolFixture.AsOf(turn, Ten));
        await (await redis.DatabaseAsync()).KeyDeleteAsync($"gateway:{{{Account}}}:lease:{request.LeaseId:N}"); // a server short of memory may

        var again = await redis.Pool.DepositAsync(Account, request with { Units = 10 }, PoolFixture.AsOf(turn, Ten));

        Assert.Equal(10, again.Lease!.Units.Units);
        Assert.Empty((await redis.Pool.InspectAsync(Account)).Entitlements);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_part_of_an_entitlement_is_added_to_what_is_there_of_it_once(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var request = new LeaseRequest(Guid.NewGuid(), Units: 4, Least: 1, TakesCarry: false);
        var turn = await redis.Pool.LeaseAsync(Account, request);
        await redis.ReturnAsync("ent_1", 5, uses: 5, hours: 1);

        for (var i = 0; i < 2; i++)
        {
            var answer = await redis.Pool.DepositAsync(Account, request, PoolFixture.AsOf(turn, Ten) with { IsPart = true });
            Assert.Equal(4, answer.Lease!.Units.Units);
        }

        var left = Assert.Single((await redis.Pool.InspectAsync(Account)).Entitlements);
        Assert.Equal((11, 11), (left.Units, left.Uses));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Nothing_is_leased_of_an_entitlement_without_units(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var request = new LeaseRequest(Guid.NewGuid(), Units: 4, Least: 1, TakesCarry: false);
        var turn = await redis.Pool.LeaseAsync(Account, request);

        var answer = await redis.Pool.DepositAsync(Account, request, PoolFixture.AsOf(turn, Ten) with { Units = 0 });

        Assert.Equal(PoolAnswerKind.Kept, answer.Kind);
        Assert.Empty((await redis.Pool.InspectAsync(Account)).Entitlements);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_pool_lives_at_least_as_long_as_what_is_in_it(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        await redis.DepositAsync(Ten, take: 10);
        await redis.DepositAsync(Ten with { Id = new EntitlementId("ent_2"), Lifetime = TimeSpan.FromHours(3) }, take: 4);

        var ttl = await (await redis.DatabaseAsync()).KeyTimeToLiveAsync($"gateway:{{{Account}}}:pool");

        Assert.InRange(ttl!.Value, TimeSpan.FromMinutes(179), TimeSpan.FromHours(4));
    }

    /// <summary>Every key ends by itself: a pool that nobody uses any more leaves nothing behind.</summary>
    [Theory, MemberData(nameof(Redis))]
    public async Task Every_key_expires(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var lease = await redis.DepositAsync(Ten, take: 4);
        await redis.Pool.ReturnAsync(Account, Guid.NewGuid(), lease);
        await redis.Pool.StowAsync(Account, "a", 1);

        var ttl = await redis.TimesToLiveAsync();

        Assert.Equal(4, ttl.Count);
        Assert.All(ttl, t => Assert.InRange(t, 1, TimeSpan.FromDays(35).TotalMilliseconds));
    }
}
