using Gateway.FunctionalTests.Kit;
using Gateway.Keys;

namespace Gateway.FunctionalTests.Keys;

public sealed class KeyTests
{
    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    [Theory, MemberData(nameof(Redis))]
    public async Task A_key_is_good_from_its_making_to_its_revocation_and_only_its_hash_is_kept(RedisKind redis)
    {
        await using var bench = await KeyBench.StartAsync(redis);
        var node = await bench.AddNodeAsync();
        var (record, secret) = (await node.Keys.CreateAsync(KeyBench.Wanted(), idempotencyKey: null)) is { Secret: { } s } made ? (made.Record, s) : default;

        var answer = await node.Directory.FindAsync(secret!);
        Assert.Equal((KeyVerdict.Known, "cus_1"), (answer.Verdict, answer.Key!.Customer.Value));
        var kept = (await (await node.Redis.DatabaseAsync()).StringGetAsync($"gateway:{{keys}}:key:{record!.Id}")).ToString();
        Assert.DoesNotContain(secret!.Split('_')[2], kept, StringComparison.Ordinal);

        Assert.NotNull((await node.Keys.RevokeAsync(record.Id))!.RevokedAt);
        await node.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Unknown, await node.VerdictAsync(secret));
        Assert.Null(await node.Keys.RotateAsync(record.Id, TimeSpan.Zero, null));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_key_that_was_refused_as_unknown_is_good_as_soon_as_it_is_made(RedisKind redis)
    {
        await using var bench = await KeyBench.StartAsync(redis);
        var node = await bench.AddNodeAsync();
        var guess = KeyText.Create("gw", KeyText.NewId());
        Assert.Equal(KeyVerdict.Unknown, await node.VerdictAsync(guess));
        Assert.Equal(KeyVerdict.Unknown, await node.VerdictAsync(guess));
        Assert.Equal(1, node.Directory.LookUps);

        Assert.True(await node.Store.AddAsync(KeyBench.Wanted() with
        {
            Id = guess.Split('_')[1],
            Sha256 = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(guess))),
        }));
        await node.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(guess));
    }

    [Fact]
    public async Task A_node_that_was_away_for_longer_than_changes_are_kept_looks_every_key_up_again()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var (away, other) = (await bench.AddNodeAsync(), await bench.AddNodeAsync());
        var revoked = await other.MakeAsync();
        await away.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Known, await away.VerdictAsync(revoked.Secret!));
        var redis = await away.Redis.DatabaseAsync();
        await redis.Multiplexer.GetSubscriber().UnsubscribeAllAsync();

        await other.Keys.RevokeAsync(revoked.Record.Id);
        await redis.SortedSetRemoveRangeByRankAsync("gateway:{keys}:changes", -1, -1); // as the next change does a day later
        await other.Keys.CreateAsync(KeyBench.Wanted(), idempotencyKey: null);
        bench.Clock.Advance(TimeSpan.FromHours(25));
        await away.Feed.AskAsync();

        Assert.Equal(KeyVerdict.Unknown, await away.VerdictAsync(revoked.Secret!));
    }

    [Fact]
    public async Task After_a_rotation_both_secrets_are_good_until_the_overlap_ends()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var first = await node.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(first.Secret!));

        var second = await node.Keys.RotateAsync(first.Record.Id, TimeSpan.FromMinutes(10), null);
        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Known, KeyVerdict.Known), (await node.VerdictAsync(first.Secret!), await node.VerdictAsync(second!.Secret!)));

        bench.Clock.Advance(TimeSpan.FromMinutes(10));
        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Unknown, KeyVerdict.Known), (await node.VerdictAsync(first.Secret!), await node.VerdictAsync(second.Secret!)));
    }

    [Fact]
    public async Task A_key_ends_at_its_expiry_though_it_is_in_memory()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.Keys.CreateAsync(KeyBench.Wanted() with { ExpiresAt = bench.Clock.GetUtcNow().AddMinutes(1) }, idempotencyKey: null);
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));

        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(KeyVerdict.Expired, await node.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task The_same_idempotency_key_makes_one_key_whose_secret_can_be_had_until_it_was_delivered()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var first = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        await node.Keys.AnsweredAsync(first, isDelivered: false);
        var again = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        Assert.Equal(first.Record.Id, again.Record.Id);
        await node.Keys.AnsweredAsync(again, isDelivered: true);
        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Unknown, KeyVerdict.Known), (await node.VerdictAsync(first.Secret!), await node.VerdictAsync(again.Secret!)));

        var third = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        Assert.Equal((again.Record.Id, null), (third.Record.Id, third.Secret));
        Assert.NotEqual(first.Record.Id, (await node.Keys.CreateAsync(KeyBench.Wanted("cus_2"), "order-1")).Record.Id);
        Assert.Equal(2, (await node.Keys.ListAsync(null, 0, 100)).Count);
        Assert.Single(await node.Keys.ListAsync("cus_2", 0, 100));
    }

    [Fact]
    public async Task A_secret_is_not_made_anew_while_an_answer_with_it_is_under_way()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var first = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        await Assert.ThrowsAsync<KeyUnderWayException>(() => node.Keys.CreateAsync(KeyBench.Wanted(), "order-1"));
        Assert.Equal(first.Record.Sha256, (await node.Keys.FindAsync(first.Record.Id))!.Sha256);

        bench.Clock.Advance(KeyService.LongestAnswer); // the first one's node died
        var second = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        await node.Keys.AnsweredAsync(first, isDelivered: true); // no, it stood still; but the secret is another now
        await Assert.ThrowsAsync<KeyUnderWayException>(() => node.Keys.CreateAsync(KeyBench.Wanted(), "order-1"));

        await node.Keys.AnsweredAsync(second, isDelivered: false); // its client went away
        var third = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        await node.Keys.AnsweredAsync(third, isDelivered: true);
        Assert.Null((await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1")).Secret);
        await node.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(third.Secret!));
    }

    [Fact]
    public async Task A_secret_that_is_used_was_delivered_though_nobody_noted_it_and_is_not_made_anew()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1"); // its node is killed when the answer was sent
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
        await DeliveredAsync(node, made);

        bench.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Null((await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1")).Secret);
        await node.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task That_a_secret_is_used_is_noted_by_a_later_look_up_when_redis_took_no_note_and_the_key_is_good_meanwhile()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        await bench.Server!.ExecuteAsync("ACL", "SETUSER", "default", "-set", "-eval", "-evalsha");
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));

        await bench.Server!.ExecuteAsync("ACL", "SETUSER", "default", "+@all");
        node.Directory.AllChanged();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));

        await DeliveredAsync(node, made);
    }

    [Fact]
    public async Task Use_of_the_secret_before_a_rotation_does_not_tell_that_the_new_one_was_delivered()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var (made, control) = (await node.MakeAsync(), await node.Keys.CreateAsync(KeyBench.Wanted(), idempotencyKey: null));
        await node.Keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), null);

        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(control.Secret!));
        await DeliveredAsync(node, control); // later than the other one would be

        Assert.False((await node.Keys.FindAsync(made.Record.Id))!.IsDelivered);
    }

    [Fact]
    public async Task A_rotation_is_delivered_by_its_own_answer_and_by_no_earlier_one()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.Keys.CreateAsync(KeyBench.Wanted(), "order-1");
        var id = made.Record.Id;
        bench.Clock.Advance(KeyService.LongestAnswer); // its node stands still
        var first = await node.Keys.RotateAsync(id, TimeSpan.Zero, "turn-1");
        await node.Keys.AnsweredAsync(made, isDelivered: true);
        await Assert.ThrowsAsync<KeyUnderWayException>(() => node.Keys.RotateAsync(id, TimeSpan.Zero, "turn-1"));

        await node.Keys.AnsweredAsync(first!, isDelivered: false); // its client went away
        var second = await node.Keys.RotateAsync(id, TimeSpan.Zero, "turn-1");
        await node.Keys.AnsweredAsync(second!, isDelivered: true);
        Assert.Null((await node.Keys.RotateAsync(id, TimeSpan.Zero, "turn-1"))!.Secret);
        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Unknown, KeyVerdict.Known), (await node.VerdictAsync(first!.Secret!), await node.VerdictAsync(second!.Secret!)));
    }

    [Fact]
    public async Task A_rotation_after_one_whose_node_died_leaves_the_secret_in_use_good_for_the_overlap()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.MakeAsync();

        var lost = await node.Keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), null);
        bench.Clock.Advance(KeyService.LongestAnswer);
        var again = await node.Keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), null);
        node.Directory.AllChanged();
        await node.Feed.AskAsync();

        Assert.Equal((KeyVerdict.Known, KeyVerdict.Known), (await node.VerdictAsync(made.Secret!), await node.VerdictAsync(again!.Secret!)));
        Assert.Equal(KeyVerdict.Unknown, await node.VerdictAsync(lost!.Secret!));
    }

    [Fact]
    public async Task While_the_answer_of_a_rotation_is_under_way_another_one_changes_nothing()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.MakeAsync();
        var rotated = await node.Keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), null);

        await Assert.ThrowsAsync<KeyUnderWayException>(() => node.Keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), null));
        await Assert.ThrowsAsync<KeyUnderWayException>(() => node.Keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), "turn-1"));

        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Known, KeyVerdict.Known), (await node.VerdictAsync(made.Secret!), await node.VerdictAsync(rotated!.Secret!)));
    }

    [Fact]
    public async Task Many_requests_with_a_key_that_is_not_in_memory_cost_one_look_up()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => node.MakeAsync()));

        foreach (var key in made)
        {
            // On threads of their own, or the last would be asked for before the first one's answer could come.
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => node.VerdictAsync(key.Secret!))));
            Assert.All(answers, a => Assert.Equal(KeyVerdict.Known, a));
        }

        Assert.Equal(made.Length, node.Directory.LookUps);
    }

    [Fact]
    public async Task Guessing_the_secret_of_a_known_id_costs_one_look_up_a_second_at_most()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));

        for (var i = 0; i < 100; i++)
            Assert.Equal(KeyVerdict.Unknown, await node.VerdictAsync(KeyText.Create("gw", KeyId.Parse(made.Record.Id))));

        Assert.Equal(1, node.Directory.LookUps);
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task A_flood_of_made_up_keys_costs_no_more_look_ups_than_stated_and_does_not_touch_keys_in_memory()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync(options => (options.MaxLookupsPerSecond, options.CacheEntries) = (100, 1_000));
        var made = await node.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
        var started = TimeProvider.System.GetTimestamp();

        var verdicts = new List<KeyVerdict>();
        for (var i = 0; i < 20_000; i++) verdicts.Add(await node.VerdictAsync(KeyText.Create("gw", KeyText.NewId())));

        var most = 100 * (1.5 + TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        Assert.InRange(node.Directory.LookUps, 1, most);
        Assert.Contains(KeyVerdict.Undecided, verdicts);
        Assert.DoesNotContain(KeyVerdict.Known, verdicts);
        Assert.Equal((KeyVerdict.Known, 1), (await node.VerdictAsync(made.Secret!), node.Directory.Cached));
    }

    [Fact]
    public async Task Memory_has_no_more_keys_than_stated()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync(options => (options.MaxLookupsPerSecond, options.CacheEntries) = (100_000, 1_000));
        var made = await Task.WhenAll(Enumerable.Range(0, 3_000).Select(_ => node.MakeAsync()));

        foreach (var key in made) Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(key.Secret!));

        Assert.InRange(node.Directory.Cached, 1, 1_000);
    }

    [Fact]
    public async Task A_revocation_reaches_the_other_nodes_by_push()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var (here, there) = (await bench.AddNodeAsync(), await bench.AddNodeAsync());
        var made = await here.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await there.VerdictAsync(made.Secret!));

        await here.Keys.RevokeAsync(made.Record.Id);

        var deadline = new Deadline(TimeSpan.FromSeconds(1));
        while (await there.VerdictAsync(made.Secret!) != KeyVerdict.Unknown) Assert.True(await deadline.TickAsync());
    }

    [Fact]
    public async Task Keys_are_good_and_revoked_also_where_redis_lets_nobody_subscribe()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        await bench.Server!.ExecuteAsync("ACL", "SETUSER", "default", "-subscribe");
        var (here, there) = (await bench.AddNodeAsync(), await bench.AddNodeAsync());
        var made = await here.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await there.VerdictAsync(made.Secret!));
        Assert.Equal((KeyVerdict.Known, 1), (await there.VerdictAsync(made.Secret!), there.Directory.LookUps)); // out of memory

        await here.Keys.RevokeAsync(made.Record.Id);
        await there.Feed.AskAsync();

        Assert.Equal(KeyVerdict.Unknown, await there.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task A_revocation_whose_push_was_lost_is_found_by_the_next_question()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var (here, there) = (await bench.AddNodeAsync(), await bench.AddNodeAsync());
        var made = await here.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await there.VerdictAsync(made.Secret!));
        await (await there.Redis.DatabaseAsync()).Multiplexer.GetSubscriber().UnsubscribeAllAsync();

        await here.Keys.RevokeAsync(made.Record.Id);
        Assert.Equal(KeyVerdict.Known, await there.VerdictAsync(made.Secret!)); // it does not know yet
        await there.Feed.AskAsync();

        Assert.Equal(KeyVerdict.Unknown, await there.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task With_redis_away_keys_in_memory_are_good_for_the_stated_time_and_then_undecided()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync(options => options.OfflineSeconds = 60);
        var made = await node.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
        await bench.Server!.StopAsync();

        bench.Clock.Advance(TimeSpan.FromSeconds(59));
        await node.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));
        Assert.Equal(KeyVerdict.Undecided, await node.VerdictAsync(KeyText.Create("gw", KeyText.NewId())));

        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(KeyVerdict.Undecided, await node.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task A_redis_that_was_set_back_has_every_key_looked_up_again()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.MakeAsync();
        await node.Feed.AskAsync();
        Assert.Equal(KeyVerdict.Known, await node.VerdictAsync(made.Secret!));

        await bench.Server!.FlushAsync();
        await node.Feed.AskAsync();

        Assert.Equal(KeyVerdict.Unknown, await node.VerdictAsync(made.Secret!));
    }

    [Fact]
    public async Task A_redis_that_was_set_back_is_noticed_also_when_keys_have_changed_since()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var (gone, back) = (await node.MakeAsync(), await node.MakeAsync());
        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Known, KeyVerdict.Known), (await node.VerdictAsync(gone.Secret!), await node.VerdictAsync(back.Secret!)));

        await bench.Server!.FlushAsync();
        Assert.True(await node.Store.AddAsync(back.Record)); // as it was before it was delivered
        Assert.Equal(1, (await node.Keys.RevokeAsync(back.Record.Id))!.Version); // which is what memory has, too
        await node.Feed.AskAsync();

        Assert.Equal((KeyVerdict.Unknown, KeyVerdict.Unknown), (await node.VerdictAsync(gone.Secret!), await node.VerdictAsync(back.Secret!)));
    }

    [Fact]
    public async Task A_change_after_a_quiet_day_has_no_other_key_looked_up_again()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var made = await node.MakeAsync();
        var redis = await node.Redis.DatabaseAsync();
        foreach (var version in (int[])[0, 1])
            await redis.SortedSetDecrementAsync("gateway:{keys}:changes", $"{made.Record.Id}:{version}", TimeSpan.FromHours(25).TotalMicroseconds);
        await node.Feed.AskAsync();
        Assert.Equal((KeyVerdict.Known, 1), (await node.VerdictAsync(made.Secret!), node.Directory.LookUps));

        await node.MakeAsync();
        await node.Feed.AskAsync();

        Assert.Equal((KeyVerdict.Known, 1), (await node.VerdictAsync(made.Secret!), node.Directory.LookUps));
    }

    [Fact]
    public async Task What_was_looked_up_before_the_first_question_is_looked_up_again_after_it()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var (late, other) = (bench.AddSilentNode(), await bench.AddNodeAsync());
        var made = await other.MakeAsync();
        Assert.Equal(KeyVerdict.Known, await late.VerdictAsync(made.Secret!));

        await other.Keys.RevokeAsync(made.Record.Id); // nobody tells the one that has not asked
        await late.Feed.AskAsync();

        Assert.Equal(KeyVerdict.Unknown, await late.VerdictAsync(made.Secret!));
    }

    private static async Task DeliveredAsync(KeyNode node, IssuedKey key)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (!(await node.Keys.FindAsync(key.Record.Id))!.IsDelivered) Assert.True(await deadline.TickAsync(), "it is not noted that the secret was delivered");
    }
}
