using Gateway.Billing;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Settlements;
using Microsoft.Extensions.DependencyInjection;
using IMeterFactory = System.Diagnostics.Metrics.IMeterFactory;

namespace Gateway.Tests.Reservations;

/// <summary>Requests that are served although nothing could be reserved: never unlimited, and charged.</summary>
public sealed class AllowanceTests
{
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    [Fact]
    public async Task An_outage_serves_as_many_units_as_the_route_allows_and_charges_each()
    {
        await using var engine = new Engine(wallet: 100);
        engine.Pool.Failure = new TimeoutException("Redis is away");
        for (var i = 0; i < 3; i++)
        {
            var (outcome, reservation) = await engine.ReserveAsync(allowance: 3, Engine.PerRequest);
            Assert.Equal(ReserveOutcome.Held, outcome);
            var charge = Assert.Single(Settle(engine, reservation).Charges.ToArray());
            Assert.Equal((null, 1L), (charge.Entitlement, charge.Units));
        }

        var (refused, none) = await engine.ReserveAsync(allowance: 3, Engine.PerRequest);

        Assert.Equal(ReserveOutcome.Unavailable, refused);
        Assert.InRange(none.RetryAfter, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
        Assert.Equal((3, 3L), (engine.Metrics.AllowedRequests, engine.Account(Engine.PerRequest).Figures().Uncovered));
    }

    [Fact]
    public async Task Requests_at_once_share_one_allowance()
    {
        await using var engine = new Engine(wallet: 100);
        engine.Pool.Failure = new TimeoutException("Redis is away");

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => engine.ReserveAsync(allowance: 12, Engine.PerSecond)));

        Assert.Equal(2, all.Count(r => r.Outcome == ReserveOutcome.Held)); // five units each
    }

    [Fact]
    public async Task What_such_a_request_did_not_need_can_be_had_by_another()
    {
        await using var engine = new Engine(wallet: 100);
        engine.Pool.Failure = new TimeoutException("Redis is away");
        var (_, first) = await engine.ReserveAsync(allowance: 5, Engine.PerSecond);
        Assert.Equal(ReserveOutcome.Unavailable, (await engine.ReserveAsync(allowance: 5, Engine.PerSecond)).Outcome);

        first.Release();

        Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(allowance: 5, Engine.PerSecond)).Outcome);
    }

    [Fact]
    public async Task A_customer_without_funds_has_no_allowance()
    {
        await using var engine = new Engine(wallet: 0);

        Assert.Equal(ReserveOutcome.NoFunds, (await engine.ReserveAsync(allowance: 1000, Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task The_next_outage_has_an_allowance_of_its_own()
    {
        await using var engine = new Engine(wallet: 1, new ReservationOptions { MinBatch = 1 });
        engine.Pool.Failure = new TimeoutException("Redis is away");
        var (_, first) = await engine.ReserveAsync(allowance: 1, Engine.PerRequest);
        Settle(engine, first);
        Assert.Equal(ReserveOutcome.Unavailable, (await engine.ReserveAsync(allowance: 1, Engine.PerRequest)).Outcome);

        engine.Pool.Failure = null;
        engine.Clock.Advance(TimeSpan.FromSeconds(2));
        await engine.SpendAsync(1);
        engine.Pool.Failure = new TimeoutException("Redis is away again");

        Assert.Equal(ReserveOutcome.Held, (await engine.ReserveAsync(allowance: 1, Engine.PerRequest)).Outcome);
    }

    [Fact]
    public async Task When_funds_are_there_again_at_its_end_they_pay_for_it()
    {
        await using var engine = new Engine(wallet: 100);
        engine.Pool.Failure = new TimeoutException("Redis is away");
        var (_, reservation) = await engine.ReserveAsync(allowance: 5, Engine.PerRequest);
        engine.Pool.Failure = null;
        engine.Clock.Advance(TimeSpan.FromSeconds(2));
        await engine.SpendAsync(1);

        var charge = Assert.Single(Settle(engine, reservation).Charges.ToArray());

        Assert.Equal((new EntitlementId("ent_1"), 0L), (charge.Entitlement, engine.Account(Engine.PerRequest).Figures().Uncovered));
    }

    [Fact]
    public async Task An_account_that_has_used_allowance_is_remembered_until_the_outage_ends()
    {
        await using var engine = new Engine(wallet: 100, new ReservationOptions { IdleSeconds = 1 });
        engine.Provider.Answer = _ => Task.FromResult(new GrantResult(GrantOutcome.Ambiguous));
        var (_, reservation) = await engine.ReserveAsync(allowance: 1, Engine.PerRequest);
        Settle(engine, reservation);

        await engine.KeepAsync(30);

        Assert.Equal(ReserveOutcome.Unavailable, (await engine.ReserveAsync(allowance: 1, Engine.PerRequest)).Outcome);
    }

    private static Settlement Settle(Engine engine, Reservation reservation)
    {
        var settler = new Settler(engine.Ledger, new SettlementMetrics(Meters), new Gateway.Shadow.ShadowBook(Meters), engine.Clock);
        var position = engine.Journal.Tail;
        var durable = settler.SettleAsync(
            new SettledRequest(Guid.CreateVersion7(), Engine.Customer, "submissions", 201, new Measurement(TimeSpan.Zero)), reservation);
        Assert.True(durable.IsCompletedSuccessfully);
        using var reader = engine.Journal.ReadFrom(position);
        Assert.True(reader.TryRead(out var entry));
        return entry.Read<Settled>().Settlement;
    }
}
