using Gateway.Billing;
using Gateway.Reservations;

namespace Gateway.Tests.Reservations;

/// <summary>Nodes that share a pool: who asks the provider, and what they learn from each other.</summary>
public sealed class ManyNodesTests
{
    [Fact]
    public async Task Only_one_node_at_a_time_asks_the_provider_and_the_others_wait_for_what_it_gets()
    {
        await using var first = new Engine(wallet: 100_000);
        await using var second = first.AnotherNode();
        var answer = new TaskCompletionSource<GrantResult>();
        first.Provider.Answer = _ => answer.Task;
        var asking = first.ReserveAsync(Engine.PerRequest);
        var waiting = second.ReserveAsync(Engine.PerRequest);
        Assert.Single(first.Provider.Asked);

        first.Provider.Answer = null;
        answer.SetResult(await first.Provider.GrantAsync(first.Provider.Asked[0] with { Units = 500, Uses = 500 }, CancellationToken.None));
        Assert.Equal(ReserveOutcome.Held, (await asking).Outcome);
        first.Clock.Advance(TimeSpan.FromSeconds(1)); // the other node polls

        Assert.Equal(ReserveOutcome.Held, (await waiting).Outcome);
        Assert.Equal(2, first.Provider.Asked.Count); // the held-back one, and the one this test made to answer it
    }

    [Fact]
    public async Task A_node_that_dies_with_its_turn_holds_the_others_up_for_as_long_as_the_turn_is()
    {
        await using var dying = new Engine(wallet: 1000);
        await using var living = dying.AnotherNode();
        dying.Provider.Answer = _ => new TaskCompletionSource<GrantResult>().Task;
        _ = dying.ReserveAsync(Engine.PerRequest);
        dying.Provider.Answer = null;

        var waiting = living.ReserveAsync(Engine.PerRequest);
        while (!waiting.IsCompleted) dying.Clock.Advance(TimeSpan.FromMilliseconds(250)); // as long as it has patience
        Assert.Equal(ReserveOutcome.Unavailable, (await waiting).Outcome);

        dying.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(ReserveOutcome.Held, (await living.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task That_a_customer_is_broke_one_node_finds_out_for_all()
    {
        await using var first = new Engine(wallet: 0);
        await using var second = first.AnotherNode();
        Assert.Equal(ReserveOutcome.NoFunds, (await first.ReserveAsync(Engine.PerRequest)).Outcome);
        var asked = first.Provider.Asked.Count;

        Assert.Equal(ReserveOutcome.NoFunds, (await second.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(asked, first.Provider.Asked.Count);

        first.Provider.Wallet = 50;
        first.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ReserveOutcome.Held, (await second.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(ReserveOutcome.Held, (await first.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task What_one_node_gives_up_the_next_one_spends()
    {
        await using var first = new Engine(wallet: 10);
        await using var second = first.AnotherNode();
        await first.SpendAsync(3);
        first.Idle.GiveUpAll();
        await first.KeepAsync(1);

        await second.SpendAsync(7);

        Assert.Equal(ReserveOutcome.NoFunds, (await second.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(0, first.Provider.Wallet);
    }

    /// <summary>
    /// The old primary gave units to the first node and lost that when it died; the new one still has them. Without the epoch the second node would
    /// spend them again.
    /// </summary>
    [Fact]
    public async Task A_failover_that_forgot_a_lease_leases_nothing_of_that_entitlement_again()
    {
        await using var first = new Engine(wallet: 10);
        await using var second = first.AnotherNode();
        await first.SpendAsync(1);
        first.Idle.GiveUpAll();
        await first.KeepAsync(1); // nine are in the pool
        await first.SpendAsync(1); // eight of them in a lease again

        first.FailOver(changesLost: 1);

        Assert.Equal(ReserveOutcome.NoFunds, (await second.ReserveAsync(Engine.PerRequest)).Outcome);
        await first.SpendAsync(8); // what it has is its own
        Assert.Equal(9, (await second.PoolOfAsync(Engine.PerRequest)).FencedUnits);
    }

    [Fact]
    public async Task What_was_leased_before_a_failover_can_be_spent_but_not_returned()
    {
        await using var first = new Engine(wallet: 10);
        await using var second = first.AnotherNode();
        await first.SpendAsync(1);
        first.FailOver(changesLost: 0);
        await first.SpendAsync(1);

        first.Idle.GiveUpAll();
        await first.KeepAsync(1);

        Assert.Equal((0, 8), (first.Pending.Count, first.Metrics.FrozenUnits));
        Assert.Equal(ReserveOutcome.NoFunds, (await second.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task A_pool_emptied_under_everybody_costs_new_entitlements_and_no_overspend()
    {
        await using var first = new Engine(wallet: 20);
        await using var second = first.AnotherNode();
        await first.SpendAsync(1);

        first.EmptyPool();

        await second.SpendAsync(10);
        await first.SpendAsync(9);
        Assert.Equal(ReserveOutcome.NoFunds, (await first.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    /// <summary>The turn was given by one server, and the grant arrives at another: nothing was deposited before, so nothing is feared.</summary>
    [Fact]
    public async Task A_failover_while_the_provider_is_asked_costs_nothing()
    {
        await using var engine = new Engine(wallet: 10);
        var answer = new TaskCompletionSource<GrantResult>();
        engine.Provider.Answer = _ => answer.Task;
        var waiting = engine.ReserveAsync(Engine.PerRequest);
        engine.Provider.Answer = null;
        engine.FailOver(changesLost: 3);

        answer.SetResult(await engine.Provider.GrantAsync(engine.Provider.Asked[0], CancellationToken.None));

        Assert.Equal(ReserveOutcome.Held, (await waiting).Outcome);
        Assert.Equal(0, engine.Metrics.FrozenUnits);
    }

    /// <summary>A deposit whose answer is lost may have been leased to others before the failover: tried again, it would be there twice.</summary>
    [Fact]
    public async Task A_deposit_in_doubt_when_a_failover_comes_is_given_up()
    {
        await using var engine = new Engine(wallet: 10);
        var answer = new TaskCompletionSource<GrantResult>();
        engine.Provider.Answer = _ => answer.Task;
        var waiting = engine.ReserveAsync(Engine.PerRequest);
        engine.Provider.Answer = null;
        engine.Pool.Failure = new TimeoutException("no answer");
        answer.SetResult(await engine.Provider.GrantAsync(engine.Provider.Asked[0], CancellationToken.None));
        Assert.Equal(ReserveOutcome.Unavailable, (await waiting).Outcome);

        engine.Pool.Failure = null;
        engine.FailOver(changesLost: 0);
        engine.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(10, engine.Metrics.FrozenUnits);
    }
}
