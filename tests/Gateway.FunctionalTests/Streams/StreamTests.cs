using Gateway.Billing;
using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Reservations;
using Gateway.Shipping;
using Gateway.Streams;
using Gateway.Tests.Shipping;
using StackExchange.Redis;

namespace Gateway.FunctionalTests.Streams;

/// <summary>What only the stream in Redis has to do.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private StreamBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _bench = new StreamBench(_server, mostEvents: 10);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bench is not null) await _bench.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_backlog_of_a_node_is_what_all_have_not_reported_and_what_all_have_in_quarantine()
    {
        await _bench.Ledger.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal((null, 0), (_bench.Ledger.Oldest, _bench.Ledger.Quarantined));
        var database = await _bench.DatabaseAsync();
        await _bench.AppendAsync(SomeSettlements.Of(1));
        var first = Assert.Single(await database.StreamRangeAsync(UsageStream.Charges)).Id.ToString();
        await _bench.AppendAsync(SomeSettlements.Of(2));
        await database.ListRightPushAsync(UsageStream.Quarantine, [RedisValue.EmptyString, RedisValue.EmptyString]);
        await database.ListRightPushAsync(UsageStream.Replaying, RedisValue.EmptyString);

        var next = new StreamBench(_server, mostEvents: 10);
        await next.Ledger.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(first.Split('-')[0], next.Ledger.Oldest?.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(3, next.Ledger.Quarantined);
        await next.DisposeAsync();
    }

    [Fact]
    public async Task Two_nodes_share_the_charges_and_neither_gets_the_other_ones()
    {
        for (var i = 0; i < 40; i++) await _bench.AppendAsync(SomeSettlements.Of(1));
        var other = _bench.OutboxOf(NodeIdentity.Passing());

        var keys = (await _bench.ReadAsync(1)).SelectMany(b => b.Events).Select(e => e.IdempotencyKey).ToList();
        await foreach (var batch in other.ReadAsync(untilEmpty: true, TestContext.Current.CancellationToken))
            keys.AddRange(batch.Events.Select(e => e.IdempotencyKey));

        Assert.Equal((40, 40), (keys.Count, keys.Distinct().Count()));
    }

    [Fact]
    public async Task What_a_dead_node_had_is_taken_over_after_a_minute_and_not_before()
    {
        await _bench.AppendAsync(SomeSettlements.Of(7));
        var had = Assert.Single(await _bench.ReadAsync(1));
        var other = _bench.OutboxOf(NodeIdentity.Passing());
        Assert.Empty(await ReadAsync(other));

        await _bench.AgeAsync();
        _bench.Clock.Advance(StreamOutbox.TakeOverEvery);
        Assert.Equal(had.Events, Assert.Single(await ReadAsync(other)).Events);
    }

    [Fact]
    public async Task A_node_does_not_take_over_from_itself_what_it_is_still_sending()
    {
        await _bench.AppendAsync(SomeSettlements.Of(1));
        await using var reading = _bench.Outbox.ReadAsync(untilEmpty: true, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await reading.MoveNextAsync());
        await _bench.AgeAsync();
        _bench.Clock.Advance(StreamOutbox.TakeOverEvery);

        Assert.False(await reading.MoveNextAsync());
    }

    [Fact]
    public async Task A_charge_that_was_written_twice_because_an_answer_was_lost_is_one_event_and_leaves_the_stream_whole()
    {
        var settlement = SomeSettlements.Of(3);
        await _bench.AppendAsync(settlement);
        await _bench.AppendAsync(settlement);

        var batch = Assert.Single(await _bench.ReadAsync(int.MaxValue));
        Assert.Single(batch.Events);
        await _bench.Outbox.AcknowledgeAsync(batch, []);
        Assert.Equal(0, await (await _bench.DatabaseAsync()).StreamLengthAsync(UsageStream.Charges));
    }

    [Fact]
    public async Task An_entry_that_can_not_be_read_is_set_aside_told_of_and_holds_up_nobody()
    {
        var database = await _bench.DatabaseAsync();
        await database.StreamAddAsync(UsageStream.Charges, [new NameValueEntry(UsageStream.Field, "rubbish")]);
        await database.StreamAddAsync(UsageStream.Charges, [new NameValueEntry("other", "field")]);
        await _bench.AppendAsync(SomeSettlements.Of(5));

        Assert.Equal(5, Assert.Single(Assert.Single(await _bench.ReadAsync(int.MaxValue)).Events).Quantity);

        Assert.Equal(2, await database.StreamLengthAsync(UsageStream.Damaged));
        await _bench.Ledger.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, _bench.Ledger.Health.CorruptRecords);
    }

    [Fact]
    public async Task While_redis_is_away_nothing_is_taken_and_when_it_is_back_everything_goes_on_by_itself()
    {
        await _bench.Ledger.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(_bench.Ledger.CanAppend);
        await _bench.AppendAsync(SomeSettlements.Of(1));
        await _server.SaveAsync();
        await _server.StopAsync();
        var append = _bench.AppendAsync(SomeSettlements.Of(2)).AsTask(); // one that is under way: it waits
        await UntilAsync(() => !_bench.Ledger.CanAppend);
        Assert.Empty(await _bench.ReadAsync(int.MaxValue));

        await _server.RestartAsync();
        await append;
        await UntilAsync(() => _bench.Ledger.CanAppend);
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        List<Batch> read;
        while ((read = await _bench.ReadAsync(int.MaxValue)).Count == 0) Assert.True(await deadline.TickAsync());
        Assert.Equal([1, 2], read.SelectMany(b => b.Events).Select(e => e.Quantity).Distinct().Order());
    }

    [Theory]
    [InlineData("--maxmemory 100mb --maxmemory-policy allkeys-lru", "Redis may throw charges away: its maxmemory-policy is allkeys-lru. Set it to noeviction, or to a volatile one.")]
    [InlineData("--maxmemory 100mb --maxmemory-policy volatile-lru", null)]
    public async Task A_redis_that_may_throw_charges_away_is_not_trusted_with_any(string arguments, string? expected)
    {
        await using var server = await RedisServer.StartAsync(arguments);
        await using var bench = new StreamBench(server, mostEvents: 10);

        await bench.Ledger.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal((expected is null, expected), (bench.Ledger.CanAppend, bench.Ledger.Health.Reason));
    }

    [Fact]
    public async Task A_redis_whose_memory_is_full_refuses_and_says_so()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory 1 --maxmemory-policy noeviction");
        await using var bench = new StreamBench(server, mostEvents: 10);

        await Assert.ThrowsAsync<JournalUnavailableException>(() => bench.AppendAsync(SomeSettlements.Of(1)).AsTask());

        Assert.StartsWith("Redis can not keep charges: OOM", bench.Ledger.Health.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_quarantine_in_redis_gives_the_last_answer_of_each_event_and_what_a_replay_that_died_had_taken()
    {
        var quarantine = _bench.Quarantine();
        await quarantine.AddAsync(Usage("1"), new EventResult(EventOutcome.Refused, 404, "first words"));
        await quarantine.AddAsync(Usage("1"), new EventResult(EventOutcome.Refused, 422, "last words"));
        await _bench.Quarantine().TakeAllAsync(); // and then it died
        await quarantine.AddAsync(Usage("2"), new EventResult(EventOutcome.Refused, 400, "words"));

        var second = _bench.Quarantine();
        var taken = await second.TakeAllAsync();
        Assert.Equal([("1", "last words"), ("2", "words")], taken.Select(t => (t.Event.IdempotencyKey, t.Reason)));

        await second.DoneAsync();
        Assert.Empty(await quarantine.TakeAllAsync());
    }

    [Fact]
    public async Task A_replay_drops_nothing_that_another_one_has_taken_and_not_decided()
    {
        var (first, second) = (_bench.Quarantine(), _bench.Quarantine());
        await first.AddAsync(Usage("1"), new EventResult(EventOutcome.Refused, 404, "words"));
        await first.TakeAllAsync();
        await first.AddAsync(Usage("2"), new EventResult(EventOutcome.Refused, 404, "words"));
        await second.TakeAllAsync(); // and then it died

        await first.DoneAsync();

        Assert.Equal(["2"], (await first.TakeAllAsync()).Select(t => t.Event.IdempotencyKey));
    }

    private static UsageEvent Usage(string key) => new(
        key, Guid.NewGuid(), 0, new Model.CustomerId("cus_1"), "bm_basic", null, 1, DateTimeOffset.UnixEpoch, "submissions");

    private static async Task<List<Batch>> ReadAsync(StreamOutbox outbox)
    {
        var batches = new List<Batch>();
        await foreach (var batch in outbox.ReadAsync(untilEmpty: true, TestContext.Current.CancellationToken)) batches.Add(batch);
        return batches;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (!condition()) Assert.True(await deadline.TickAsync());
    }
}
