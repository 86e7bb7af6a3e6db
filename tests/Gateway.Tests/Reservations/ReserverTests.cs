using Gateway.Billing;
using Gateway.Reservations;

namespace Gateway.Tests.Reservations;

public sealed class ReserverTests
{
    [Fact]
    public async Task The_first_request_fetches_a_batch_and_the_next_ones_ask_nobody()
    {
        await using var engine = new Engine(wallet: 1000);

        for (var i = 0; i < 7; i++) Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);

        var asked = Assert.Single(engine.Provider.Asked);
        Assert.Equal((10, 10), (asked.Units, asked.Uses));
    }

    [Theory]
    [InlineData(1, 1000, 0)] // seven in a millisecond: all of an entitlement is used up within a second
    [InlineData(1000, 17, 53)] // seven in a second: of seventy, ten seconds' use, other nodes find three quarters
    public async Task A_node_takes_a_part_of_an_entitlement_or_what_it_uses_within_a_second(int milliseconds, long leased, long left)
    {
        await using var engine = new Engine(wallet: 10_000);
        await engine.SpendAsync(7);
        engine.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        await engine.Refiller.RefillAsync(engine.Account(Engine.PerRequest), Engine.PerRequest, needed: 1);

        Assert.Equal(leased, engine.Account(Engine.PerRequest).Leases[^1].UnitsGranted);
        Assert.Equal(left, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
    }

    [Fact]
    public async Task Leases_of_which_all_is_charged_go_with_the_next_one()
    {
        await using var engine = new Engine(wallet: 10_000);
        for (var i = 0; i < 95; i++)
        {
            engine.Clock.Advance(TimeSpan.FromSeconds(1)); // slow enough to be covered by ten at a time
            await engine.SpendAsync(1);
        }

        Assert.InRange(engine.Account(Engine.PerRequest).Leases.Length, 1, 2);
        Assert.True(engine.Provider.Asked.Count > 4);
        Assert.Equal(95, engine.Account(Engine.PerRequest).Figures().Charged);
    }

    [Fact]
    public async Task Several_metrics_are_held_all_or_none()
    {
        await using var engine = new Engine(wallet: 12); // ten requests' worth of the first metric, then not enough for one of the second
        var (outcome, reservation) = await engine.ReserveAsync(Engine.PerRequest, Engine.PerSecond);

        Assert.Equal(ReserveOutcome.NoFunds, outcome);
        Assert.Same(Engine.PerSecond, reservation.Missing);
        Assert.Empty(reservation.Holds);
        Assert.Equal(10, engine.Account(Engine.PerRequest).Available(Instant.Now(engine.Clock)));
    }

    [Fact]
    public async Task Short_funds_are_used_to_the_last_unit()
    {
        await using var engine = new Engine(wallet: 7);
        for (var i = 0; i < 7; i++) Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(0, engine.Provider.Wallet);
    }

    [Fact]
    public async Task A_broke_customer_costs_one_call_a_second_and_is_served_again_after_paying()
    {
        await using var engine = new Engine(wallet: 0);
        await engine.ReserveAsync(Engine.PerRequest);
        var searching = engine.Provider.Asked.Count;

        for (var i = 0; i < 100; i++) Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(searching, engine.Provider.Asked.Count);

        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++) Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(searching + 1, engine.Provider.Asked.Count);

        engine.Provider.Wallet = 50;
        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task An_ambiguous_answer_is_not_repeated_before_a_pause_that_grows_and_its_units_are_counted()
    {
        await using var engine = new Engine(wallet: 1000);
        engine.Provider.Answer = _ => Task.FromResult(new GrantResult(GrantOutcome.Ambiguous, Reason: "timed out"));

        Assert.Equal(ReserveOutcome.Unavailable, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        for (var i = 0; i < 100; i++) await engine.ReserveAsync(Engine.PerRequest);
        Assert.Single(engine.Provider.Asked);
        Assert.Equal(10, engine.Metrics.FrozenUnits);

        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        await engine.ReserveAsync(Engine.PerRequest);
        engine.Clock.Advance(TimeSpan.FromSeconds(1)); // the second pause is twice as long
        await engine.ReserveAsync(Engine.PerRequest);
        Assert.Equal(2, engine.Provider.Asked.Count);
    }

    [Fact]
    public async Task A_thousand_that_wait_together_share_one_grant()
    {
        await using var engine = new Engine(wallet: 100_000);
        var provider = new TaskCompletionSource<GrantResult>();
        engine.Provider.Answer = _ => provider.Task;
        var waiting = Enumerable.Range(0, 10).Select(_ => engine.ReserveAsync(Engine.PerRequest)).ToList();
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        engine.Provider.Answer = null;
        var first = engine.Provider.Asked.Single();
        provider.SetResult(await engine.Provider.GrantAsync(first, CancellationToken.None));

        Assert.All(await Task.WhenAll(waiting), w => Assert.Equal(ReserveOutcome.Held, w.Outcome));
        Assert.Equal(2, engine.Provider.Asked.Count); // the held-back one, and the one this test made to answer it
    }

    [Fact]
    public async Task A_pool_that_fails_is_unavailable_and_never_no_funds()
    {
        await using var engine = new Engine(wallet: 100);
        engine.Pool.Failure = new TimeoutException("Redis is away");

        Assert.Equal(ReserveOutcome.Unavailable, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Empty(engine.Provider.Asked);

        engine.Pool.Failure = null;
        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task A_deposit_whose_answer_is_lost_is_made_once_and_its_lease_is_found()
    {
        await using var engine = new Engine(wallet: 10);
        engine.Pool.LoseNextAnswer = true;

        for (var i = 0; i < 10; i++) Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task A_grant_that_the_pool_could_not_take_is_deposited_when_it_is_back()
    {
        await using var engine = new Engine(wallet: 10);
        var answer = new TaskCompletionSource<GrantResult>();
        engine.Provider.Answer = _ => answer.Task;
        var waiting = engine.ReserveAsync(Engine.PerRequest);
        engine.Provider.Answer = null;
        var grant = await engine.Provider.GrantAsync(engine.Provider.Asked[0], CancellationToken.None);
        engine.Pool.Failure = new TimeoutException("Redis is away");
        answer.SetResult(grant);
        Assert.Equal(ReserveOutcome.Unavailable, (await waiting).Outcome);

        engine.Pool.Failure = null;
        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++) Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Equal(0, engine.Metrics.FrozenUnits);
    }

    /// <summary>Found by a simulated Redis that took four seconds: the entitlement had ended at the provider when it was charged.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // the pool moved meanwhile, so that the deposit is made again
    public async Task A_deposit_long_on_its_way_does_not_outlive_its_entitlement(bool moves)
    {
        await using var engine = new Engine(wallet: 10);
        engine.Pool.WhileDepositing = () =>
        {
            engine.Clock.Advance(TimeSpan.FromSeconds(4));
            if (!moves) return;
            moves = false;
            engine.FailOver(changesLost: 0);
        };
        var ends = engine.Clock.GetUtcNow() + engine.Provider.Lifetime;

        await engine.SpendAsync(1);

        Assert.Equal(ends, engine.Account(Engine.PerRequest).Leases[0].ExpiresAt);
    }

    [Fact]
    public async Task A_lease_whose_answer_is_lost_is_not_lost_itself()
    {
        await using var engine = new Engine(wallet: 10);
        await using var other = engine.AnotherNode();
        await other.SpendAsync(4);
        other.Idle.GiveUpAll();
        await other.KeepAsync(1); // the pool has six
        engine.Pool.LoseNextAnswer = true;

        Assert.Equal(ReserveOutcome.Unavailable, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        await engine.SpendAsync(6);

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task A_hold_may_come_out_of_several_entitlements_nearest_expiry_first()
    {
        await using var engine = new Engine(wallet: 100_000, new ReservationOptions { MinBatch = 1 });
        var account = engine.Account(Engine.PerSecond);
        account.Add(Lease("late", 3, hours: 2, engine));
        account.Add(Lease("soon", 3, hours: 1, engine));

        var (outcome, reservation) = await engine.ReserveAsync(Engine.PerSecond);

        Assert.Equal(ReserveOutcome.Held, outcome);
        Assert.Equal([("soon", 3L), ("late", 2L)], reservation.Holds.Select(h => (h.Lease!.Entitlement.Value, h.Units)));
        reservation.Release();
        Assert.Equal(6, account.Available(Instant.Now(engine.Clock)));
    }

    private static Lease Lease(string entitlement, long units, int hours, Engine engine) =>
        Leases.Of(new Model.EntitlementId(entitlement), units, (int)units, engine.Clock, TimeSpan.FromHours(hours));
}
