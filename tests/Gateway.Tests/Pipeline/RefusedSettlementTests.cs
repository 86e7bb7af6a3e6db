using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Gateway.Forwarding;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Pipeline;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Settlements;
using Gateway.Shadow;
using Gateway.Shipping;
using Gateway.Tests.Reservations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Meter = Gateway.Pricing.Meter;

namespace Gateway.Tests.Pipeline;

/// <summary>Units that went back must not be held in the journal any more: a start with <c>Recovery: ChargeHold</c> would charge them.</summary>
public sealed class RefusedSettlementTests
{
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private static readonly Meter PerMillisecond = new(
        0, new Metric(new MetricName("milliseconds"), "bm_milliseconds", "millisecond", Rounding.Ceiling), new UpstreamMilliseconds(), HoldUnits: 5000, When: null, Otherwise: false);

    [Fact]
    public async Task A_request_whose_charge_the_journal_refuses_holds_nothing_there()
    {
        await using var engine = new Engine(wallet: 100);
        var (exchange, _) = await BeginAsync(engine, Engine.PerRequest);
        engine.Ledger.ChargesToRefuse = 1;

        await Assert.ThrowsAsync<JournalUnavailableException>(() => AnswerAsync(exchange));

        Assert.Empty(HoldsOf(engine));
    }

    [Fact]
    public async Task A_journal_that_takes_nothing_is_told_what_is_held_no_more_when_it_does_and_before_anything_else_is()
    {
        await using var engine = new Engine(wallet: 100);
        var (exchange, services) = await BeginAsync(engine, Engine.PerRequest);
        (engine.Ledger.ChargesToRefuse, engine.Ledger.RefusesReleases) = (1, true);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => AnswerAsync(exchange));
        services.Releases.TellOwed();
        Assert.Equal([exchange.RequestId], HoldsOf(engine));

        engine.Ledger.RefusesReleases = false;
        var again = await HoldAsync(engine, services, new RequestId(exchange.RequestId), Engine.PerRequest);

        Assert.Single(ReplayedJournal.Read(engine.Journal, new OpenShipments()).Holds[exchange.RequestId]);
        await AnswerAsync(again);
        Assert.Empty(HoldsOf(engine));
    }

    [Fact]
    public async Task A_slice_that_the_journal_refuses_holds_nothing_there_and_is_charged_with_the_end()
    {
        await using var engine = new Engine(wallet: 1000);
        var (exchange, services) = await BeginAsync(engine, Engine.PerSecond);
        engine.Ledger.ChargesToRefuse = 1;

        await RunUntilCutAsync(engine, exchange, services, Engine.PerSecond);

        Assert.Equal(5, exchange.Reservation.Charged!.Sum(c => c.Units));
        Assert.Empty(HoldsOf(engine));
    }

    [Fact]
    public async Task A_slice_of_whose_holds_the_journal_takes_one_holds_nothing_there()
    {
        await using var engine = new Engine(wallet: 1_000_000);
        var (exchange, services) = await BeginAsync(engine, PerMillisecond, Engine.PerSecond);
        engine.Ledger.HoldsToTake = 1;

        await RunUntilCutAsync(engine, exchange, services, PerMillisecond, Engine.PerSecond);

        Assert.Empty(HoldsOf(engine));
    }

    private static async Task<(MeteredExchange Exchange, ExchangeServices Services)> BeginAsync(Engine engine, params ImmutableArray<Meter> meters)
    {
        var drain = new Drain(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), Options.Create(new HostOptions()), engine.Clock);
        var settler = new Settler(engine.Ledger, new SettlementMetrics(Meters), new ShadowBook(Meters), engine.Clock);
        var services = new ExchangeServices(
            engine.Reserver, settler, engine.Ledger, new HoldReleases(engine.Ledger, engine.Clock, NullLogger<HoldReleases>.Instance), Jobs: null!, Repeats: null!, Verdicts: null!, new RunningCharges(engine.Clock, drain), drain, engine.Clock, Receipts: false);
        return (await HoldAsync(engine, services, services.NewRequestId(), meters), services);
    }

    private static async Task<MeteredExchange> HoldAsync(Engine engine, ExchangeServices services, RequestId id, params ImmutableArray<Meter> meters)
    {
        var rule = new RouteRule("submissions", meters, BillablePolicy.Default, bodyFields: null);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        var exchange = new MeteredExchange(context, id, Engine.Customer, rule, meters, body: default, claim: null, services);
        Assert.Equal(
            ReserveOutcome.Held, await engine.Reserver.ReserveAsync(Engine.Customer, meters, allowance: 0, exchange.Reservation, TestContext.Current.CancellationToken));
        Assert.True(exchange.TryJournalHolds());
        return exchange;
    }

    private static Task AnswerAsync(MeteredExchange exchange) => exchange.ForwardAsync(_ =>
    {
        exchange.HeadersArrived();
        return Task.CompletedTask;
    });

    /// <summary>What is held is used up, and the answer goes on until the gateway cuts it.</summary>
    private static Task RunUntilCutAsync(Engine engine, MeteredExchange exchange, ExchangeServices services, params ImmutableArray<Meter> meters) =>
        exchange.ForwardAsync(async _ =>
        {
            exchange.AnswerMayRun();
            exchange.HeadersArrived();
            var answer = new Answer();
            var running = new RunningCharge(exchange, answer, meters, services);
            engine.Clock.Advance(TimeSpan.FromSeconds(5));
            running.Look();
            await answer.Ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            await running.EndAsync();
        });

    private static IEnumerable<Guid> HoldsOf(Engine engine) => ReplayedJournal.Read(engine.Journal, new OpenShipments()).Holds.Keys;

    private sealed class Answer : IRunningAnswer
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> EndWithAsync(CutReason reason)
        {
            Ended.SetResult();
            return Task.FromResult(true);
        }
    }
}
