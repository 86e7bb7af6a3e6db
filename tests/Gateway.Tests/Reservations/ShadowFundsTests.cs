using Gateway.Billing;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Tests.Reservations;

/// <summary>What trying a bill out set aside, on its way to the requests that are charged.</summary>
public sealed class ShadowFundsTests
{
    private static readonly Meter Tried = Engine.PerRequest with { Metric = Engine.Basic.AsShadow() };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_comes_before_a_refusal()
    {
        await using var engine = new Engine(wallet: 25);
        var reservations = new List<Reservation>();
        for (var i = 0; i < 13; i++) reservations.Add((await engine.ReserveAsync(Tried)).Reservation);
        await engine.SpendAsync(5); // the rest of the wallet
        Assert.Equal(0, engine.Provider.Wallet);
        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome); // what is leased is not there to be taken
        reservations.ForEach(r => r.Release());
        await engine.KeepAsync(engine.Options.IdleSeconds + 2);
        var pooled = (await engine.PoolOfAsync(Tried)).Entitlements.Sum(e => e.Units);
        Assert.Equal(20, pooled);

        await engine.SpendAsync((int)pooled);

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        Assert.Empty((await engine.PoolOfAsync(Tried)).Entitlements);
        Assert.Equal(0, engine.Metrics.FrozenUnits);
    }

    [Fact]
    public async Task What_is_charged_is_never_set_aside_for_what_is_tried_out()
    {
        await using var engine = new Engine(wallet: 10);
        await engine.SpendAsync(1);
        await engine.KeepAsync(engine.Options.IdleSeconds + 2);

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Tried)).Outcome);
        Assert.Equal(9, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
    }

    [Fact]
    public async Task Another_part_of_an_entitlement_does_not_take_the_place_of_what_came_back_of_it()
    {
        var many = new ReservationOptions { MinBatch = 40 };
        await using var trial = new Engine(wallet: 40, many);
        await using var laterTrial = trial.AnotherNode();
        await using var first = trial.AnotherNode(many);
        await using var second = trial.AnotherNode();
        (await trial.ReserveAsync(Tried)).Reservation.Release();
        await GiveUpAsync(trial);
        var (_, running) = await laterTrial.ReserveAsync(Tried); // has ten of the forty
        await first.SpendAsync(1); // has the other thirty
        running.Release();
        await GiveUpAsync(laterTrial);
        trial.Provider.Answer = async _ =>
        {
            await GiveUpAsync(first); // while the other asks
            return new GrantResult(GrantOutcome.NoFunds);
        };

        await second.SpendAsync(1);

        await GiveUpAsync(second);
        Assert.Equal(38, (await second.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
        Assert.Equal(38, (await second.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Uses));
    }

    [Theory, InlineData(0), InlineData(100)]
    public async Task It_is_not_lost_with_the_pools_answer(long paidMeanwhile)
    {
        await using var engine = new Engine(wallet: 10);
        await TryOutAsync(engine);
        engine.Provider.Answer = _ =>
        {
            engine.Pool.LoseNextAnswer = true;
            engine.Provider.Answer = null;
            return Task.FromResult(new GrantResult(GrantOutcome.NoFunds));
        };
        while (engine.Provider.Answer is not null || engine.Pool.LoseNextAnswer) Assert.NotEqual(ReserveOutcome.Held, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
        engine.Clock.Advance(TimeSpan.FromSeconds(2));
        engine.Provider.Wallet = paidMeanwhile;

        await engine.SpendAsync(7); // with three left it looks for more ahead of need

        Assert.Equal(paidMeanwhile, engine.Provider.Wallet);
    }

    [Fact]
    public async Task A_pool_that_can_not_be_asked_for_it_makes_no_outage_of_a_refusal()
    {
        await using var engine = new Engine(wallet: 0);
        engine.Provider.Answer = _ =>
        {
            engine.Pool.Failure = new TimeoutException("away");
            return Task.FromResult(new GrantResult(GrantOutcome.NoFunds));
        };

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(allowance: 5, Engine.PerRequest)).Outcome); // who is out of funds has no allowance
    }

    [Fact]
    public async Task It_does_not_cost_a_call_to_the_provider_for_each_request()
    {
        await using var engine = new Engine(wallet: 100, new ReservationOptions { MinBatch = 100 });
        await TryOutAsync(engine);
        await using var node = engine.AnotherNode();
        engine.Provider.Asked.Clear();

        await node.SpendAsync(100);

        Assert.InRange(engine.Provider.Asked.Count, 1, 5);
    }

    /// <summary>All of the wallet is set aside, and nothing of it used.</summary>
    private static async Task TryOutAsync(Engine engine)
    {
        (await engine.ReserveAsync(Tried)).Reservation.Release();
        Assert.Equal(0, engine.Provider.Wallet);
        await GiveUpAsync(engine);
    }

    private static async Task GiveUpAsync(Engine engine)
    {
        engine.Idle.GiveUpAll();
        Assert.True(await engine.Returner.ReturnAllAsync(Stop));
    }
}
