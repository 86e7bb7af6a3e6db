using Gateway.Journal.Records;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Shipping;

namespace Gateway.Tests.Reservations;

public sealed class IdleAccountsTests
{
    private static readonly ReservationOptions Options = new() { IdleSeconds = 5 };

    [Fact]
    public async Task An_account_that_nobody_uses_is_forgotten_and_its_units_are_in_the_pool()
    {
        await using var engine = new Engine(wallet: 10, Options);
        await engine.SpendAsync(3);

        await engine.KeepAsync(5);
        Assert.Equal(1, engine.Accounts.Count);
        await engine.KeepAsync(1);

        Assert.Equal(0, engine.Accounts.Count);
        Assert.Equal(7, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
        await engine.SpendAsync(7);
        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task An_account_in_use_stays()
    {
        await using var engine = new Engine(wallet: 100, Options);
        for (var i = 0; i < 5; i++)
        {
            await engine.SpendAsync(1);
            await engine.KeepAsync(4);
        }

        Assert.Equal(1, engine.Accounts.Count);
        Assert.Equal(0, engine.Pending.Count);
    }

    [Fact]
    public async Task A_request_that_runs_for_long_keeps_its_account_and_its_hold()
    {
        await using var engine = new Engine(wallet: 10, Options);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerRequest);

        await engine.KeepAsync(60);

        Assert.Equal(1, engine.Accounts.Count);
        reservation.Release();
        await engine.KeepAsync(10);
        Assert.Equal(0, engine.Accounts.Count);
        Assert.Equal(10, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
    }

    [Fact]
    public async Task A_request_that_comes_while_it_is_found_out_what_became_of_an_old_lease_is_served()
    {
        await using var engine = new Engine(wallet: 100, Options);
        engine.Account(Engine.PerRequest).Refill.InDoubt = new Refill.Doubt(Guid.CreateVersion7(), Undeposited: null);
        var answer = new TaskCompletionSource();
        engine.Pool.BeforeLeasing = answer.Task;

        var resolved = engine.Refiller.ResolveAsync(engine.Account(Engine.PerRequest));
        var request = engine.ReserveAsync(Engine.PerRequest);
        answer.SetResult();

        Assert.Equal(ReserveOutcome.Held, (await request).Outcome);
        await resolved;
    }

    [Fact]
    public async Task Units_given_up_while_the_pool_is_away_are_returned_once_when_it_is_back()
    {
        await using var engine = new Engine(wallet: 10, Options);
        await engine.SpendAsync(4);
        engine.Pool.Failure = new TimeoutException("Redis is away");
        await engine.KeepAsync(20);
        Assert.Equal(1, engine.Pending.Count);

        engine.Pool.Failure = null;
        engine.Pool.LoseNextAnswer = true;
        await engine.KeepAsync(3);

        Assert.Equal(0, engine.Pending.Count);
        Assert.Equal(6, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
    }

    [Fact]
    public async Task The_fraction_of_a_forgotten_account_comes_back_with_its_next_lease_on_whatever_node()
    {
        await using var first = new Engine(wallet: 100, Options);
        await using var second = first.AnotherNode();
        var (_, reservation) = await first.ReserveAsync(Engine.PerSecond);
        first.Account(Engine.PerSecond).Accumulate(700_000);
        reservation.Release();
        await first.KeepAsync(10);
        Assert.Equal((0, 700_000), (first.Accounts.Count, (await first.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits));

        await second.ReserveAsync(Engine.PerSecond);

        Assert.Equal(700_000, second.Account(Engine.PerSecond).Carry.MicroUnits);
        Assert.Equal(0, (await first.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits);
        Assert.Equal(1, second.Account(Engine.PerSecond).Accumulate(300_000).Units);
    }

    [Fact]
    public async Task A_fraction_that_comes_with_a_lease_is_taken_over_once_though_the_journal_refuses_it()
    {
        await using var first = new Engine(wallet: 100, Options);
        await using var second = first.AnotherNode();
        (await first.ReserveAsync(Engine.PerSecond)).Reservation.Release();
        first.Account(Engine.PerSecond).Accumulate(700_000);
        await first.KeepAsync(10);

        second.Ledger.RefusesFractions = true;
        var (outcome, _) = await second.ReserveAsync(Engine.PerSecond);
        second.Ledger.RefusesFractions = false;
        second.Clock.Advance(TimeSpan.FromMinutes(1));
        await second.ReserveAsync(Engine.PerSecond);

        Assert.Equal(ReserveOutcome.Held, outcome);
        Assert.Equal(700_000, second.Account(Engine.PerSecond).Carry.MicroUnits);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 700_000)]
    public async Task At_an_end_in_good_order_a_fraction_goes_to_the_others_where_nothing_else_keeps_it(bool alsoFractions, int expected)
    {
        await using var engine = new Engine(wallet: 100, Options);
        (await engine.ReserveAsync(Engine.PerSecond)).Reservation.Release();
        engine.Account(Engine.PerSecond).Accumulate(700_000);

        engine.Idle.GiveUpAll(alsoFractions);
        await engine.Returner.ReturnAllAsync(TestContext.Current.CancellationToken);

        Assert.Equal(expected, (await engine.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits);
    }

    [Fact]
    public async Task At_an_end_in_good_order_the_fraction_of_a_request_that_still_runs_stays()
    {
        await using var engine = new Engine(wallet: 100, Options);
        var (_, running) = await engine.ReserveAsync(Engine.PerSecond);
        engine.Account(Engine.PerSecond).Accumulate(700_000);

        var held = engine.Idle.GiveUpAll(alsoFractions: true);
        await engine.Returner.ReturnAllAsync(TestContext.Current.CancellationToken);

        Assert.True(held > 0);
        Assert.Equal((700_000, 0), (engine.Account(Engine.PerSecond).Carry.MicroUnits, (await engine.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits));
        running.Release();
    }

    /// <summary>A kill between the pool's answer and the journal's record: the journal has the fraction still, and the pool has it already.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fraction_put_away_just_before_a_kill_is_charged_once(bool knownToPool)
    {
        await using var killed = new Engine(wallet: 100, Options);
        (await killed.ReserveAsync(Engine.PerSecond)).Reservation.Release();
        var (_, mark) = killed.Account(Engine.PerSecond).Accumulate(700_000);
        killed.Journal.Append(new CarrySnapshot(killed.Account(Engine.PerSecond).Id, mark));
        if (knownToPool)
        {
            killed.Idle.Pass();
            killed.Clock.Advance(TimeSpan.FromSeconds(10));
            killed.Idle.Pass();
            killed.Pool.LoseNextAnswerOfStow = true;
            Assert.False(await killed.Returner.ReturnAllAsync(TestContext.Current.CancellationToken));
            Assert.Equal(700_000, (await killed.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits);
        }

        await using var engine = await killed.KilledAndStartedAgainAsync();
        await engine.ReserveAsync(Engine.PerSecond);

        Assert.Equal(700_000, engine.Account(Engine.PerSecond).Carry.MicroUnits + (await engine.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits);
        var (_, later) = engine.Account(Engine.PerSecond).Accumulate(100_000);
        engine.Journal.Append(new CarrySnapshot(engine.Account(Engine.PerSecond).Id, later));
        Assert.Equal([later], ReplayedJournal.Read(engine.Journal, new OpenShipments()).Carries.Select(c => c.Value));
    }

    /// <summary>A charge that the journal refused leaves a version behind that it does not know.</summary>
    [Fact]
    public async Task A_fraction_is_not_put_away_before_the_journal_knows_its_version()
    {
        await using var full = new Engine(wallet: 100, Options);
        (await full.ReserveAsync(Engine.PerSecond)).Reservation.Release();
        var account = full.Account(Engine.PerSecond);
        var (_, mark) = account.Accumulate(700_000);
        full.Journal.Append(new CarrySnapshot(account.Id, mark));
        var (_, refused) = account.Accumulate(100_000);
        account.TakeBack(100_000, refused);
        full.Ledger.RefusesFractions = true;
        await full.KeepAsync(10);
        Assert.Equal(0, full.Accounts.Count);

        await using var engine = await full.KilledAndStartedAgainAsync();
        await engine.ReserveAsync(Engine.PerSecond);

        Assert.Equal(700_000, engine.Account(Engine.PerSecond).Carry.MicroUnits + (await engine.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits);
    }

    /// <summary>The journal refused a charge, and the last fraction that it knows was measured with it.</summary>
    [Fact]
    public async Task A_fraction_of_which_nothing_was_left_does_not_come_back_with_the_next_start()
    {
        await using var full = new Engine(wallet: 100, Options);
        (await full.ReserveAsync(Engine.PerSecond)).Reservation.Release();
        var account = full.Account(Engine.PerSecond);
        var (_, refused) = account.Accumulate(500_000);
        var (_, taken) = account.Accumulate(1_000_000);
        full.Journal.Append(new CarrySnapshot(account.Id, taken));
        account.TakeBack(500_000, refused);
        await full.KeepAsync(10);
        Assert.Equal((0, 0), (full.Accounts.Count, (await full.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits));

        await using var engine = await full.KilledAndStartedAgainAsync();
        await engine.ReserveAsync(Engine.PerSecond);

        Assert.Equal(0, engine.Account(Engine.PerSecond).Carry.MicroUnits + (await engine.PoolOfAsync(Engine.PerSecond)).CarryMicroUnits);
    }

    /// <summary>Versions begin with the time in milliseconds, and one with more than a thousand charges a second gets ahead of it.</summary>
    [Fact]
    public async Task The_fraction_of_a_fast_account_that_was_forgotten_meanwhile_is_in_the_journal()
    {
        await using var engine = new Engine(wallet: 100, Options);
        (await engine.ReserveAsync(Engine.PerSecond)).Reservation.Release();
        var fast = engine.Account(Engine.PerSecond);
        for (var i = 0; i < 60_000; i++) fast.Accumulate(1);
        await engine.KeepAsync(10);
        Assert.Equal(0, engine.Accounts.Count);

        var (_, mark) = engine.Account(Engine.PerSecond).Accumulate(500_000);
        engine.Journal.Append(new CarrySnapshot(fast.Id, mark));

        var replayed = ReplayedJournal.Read(engine.Journal, new OpenShipments());
        Assert.Equal([mark], replayed.Carries.Select(c => c.Value));
        Assert.Equal(mark.Version, replayed.CarryVersion);
    }

    [Fact]
    public async Task A_lease_in_doubt_of_an_idle_account_is_found_and_given_back()
    {
        await using var engine = new Engine(wallet: 10, Options);
        await using var other = engine.AnotherNode(Options);
        await other.SpendAsync(4);
        await other.KeepAsync(10); // six in the pool
        engine.Pool.LoseNextAnswer = true;
        await engine.ReserveAsync(Engine.PerRequest);
        Assert.Equal(0, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));

        await engine.KeepAsync(30);

        Assert.Equal(0, engine.Accounts.Count);
        Assert.Equal(6, (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units));
    }

    [Fact]
    public async Task Requests_and_retiring_side_by_side_lose_no_unit()
    {
        await using var engine = new Engine(wallet: 1_000_000, Options);
        engine.Provider.Lifetime = TimeSpan.FromDays(3650);
        using var stop = new CancellationTokenSource();
        var sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                engine.Clock.Advance(TimeSpan.FromSeconds(10)); // everything is idle at every pass
                engine.Idle.Pass();
                engine.Returner.ReturnAllAsync(CancellationToken.None).GetAwaiter().GetResult();
            }
        }, TestContext.Current.CancellationToken);
        var charged = 0L;
        await Parallel.ForEachAsync(Enumerable.Range(0, 4), TestContext.Current.CancellationToken, async (_, _) =>
        {
            for (var i = 0; i < 500; i++)
            {
                var reservation = new Reservation();
                if (await engine.Reserver.ReserveAsync(Engine.Customer, [Engine.PerRequest], 0, reservation, CancellationToken.None) != ReserveOutcome.Held) continue;
                foreach (var hold in reservation.Holds) hold.Lease!.Charge(hold.Units);
                Interlocked.Increment(ref charged);
            }
        });
        await stop.CancelAsync();
        await sweeping;
        engine.Idle.GiveUpAll();
        Assert.True(await engine.Returner.ReturnAllAsync(CancellationToken.None));

        var pooled = (await engine.PoolOfAsync(Engine.PerRequest)).Entitlements.Sum(e => e.Units);
        Assert.True(charged > 0);
        Assert.Equal(1_000_000, engine.Provider.Wallet + pooled + charged);
    }
}
