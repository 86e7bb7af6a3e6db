using System.Diagnostics.Metrics;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;
using Gateway.Simulation.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Meter = Gateway.Pricing.Meter;

namespace Gateway.Tests.Reservations;

/// <summary>
/// The reservation stage of one node as the gateway has it, over a pool and a provider in memory and a clock that only moves when told. Several
/// can share those.
/// </summary>
internal sealed class Engine : IAsyncDisposable
{
    public static readonly CustomerId Customer = new("cus_1");
    public static readonly Metric Basic = new(new MetricName("basic"), "bm_basic", "submission", Rounding.Ceiling);
    public static readonly Metric Seconds = new(new MetricName("seconds"), "bm_seconds", "second", Rounding.Carry);
    public static readonly Meter PerRequest = new(0, Basic, new RequestCount(), HoldUnits: 1, When: null, Otherwise: false);
    public static readonly Meter PerSecond = new(1, Seconds, new UpstreamSeconds(), HoldUnits: 5, When: null, Otherwise: false);

    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private readonly DirectoryInfo _folder;
    private readonly NodeIdentity _node;
    private readonly Shared _shared;

    private sealed class Shared(FakeTimeProvider clock, FakeProvider provider, PoolServer server)
    {
        public FakeTimeProvider Clock => clock;

        public FakeProvider Provider => provider;

        public PoolServer Server { get; set; } = server;

        public int Nodes { get; set; }
    }

    public Engine(long wallet, ReservationOptions? options = null)
        : this(NewShared(wallet), options)
    {
    }

    private Engine(Shared shared, ReservationOptions? options)
        : this(shared, options, Directory.CreateTempSubdirectory("engine-"), new NodeIdentity(new Guid(++shared.Nodes, 0, 0, new byte[8])))
    {
    }

    private Engine(Shared shared, ReservationOptions? options, DirectoryInfo folder, NodeIdentity node)
    {
        (_shared, _folder, _node) = (shared, folder, node);
        Options = options ?? new ReservationOptions();
        Journal = UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 1 << 20 }, TimeProvider.System, NullLogger.Instance);
        var terms = new PoolTerms(node.Id.ToString("N"), "", TimeSpan.FromSeconds(Options.ExpiryMarginSeconds), TimeSpan.FromSeconds(15));
        Pool = new TestPool(() => shared.Server, terms);
        Metrics = NewMetrics();
        Accounts = new AccountTable(Clock);
        Ledger = new TestLedger(new JournalLedger(Journal, Durability.Process));
        Refiller = new Refiller(Pool, Provider, Ledger, Options, Metrics, Clock, NullLogger<Refiller>.Instance);
        Reserver = new Reserver(Accounts, Refiller, Metrics, Clock);
        Idle = new IdleAccounts(Accounts, Refiller, Pending, Options, Clock);
        Returner = new LeaseReturner(Pending, Pool, Ledger, node, Metrics, NullLogger<LeaseReturner>.Instance);
    }

    public FakeTimeProvider Clock => _shared.Clock;

    public FakeProvider Provider => _shared.Provider;

    public TestPool Pool { get; }

    public UsageJournal Journal { get; }

    public TestLedger Ledger { get; }

    public ReservationOptions Options { get; }

    public ReservationMetrics Metrics { get; }

    public AccountTable Accounts { get; }

    public PendingReturns Pending { get; } = new();

    public Refiller Refiller { get; }

    public Reserver Reserver { get; }

    public IdleAccounts Idle { get; }

    public LeaseReturner Returner { get; }

    public static ReservationMetrics NewMetrics() => new(Meters);

    /// <summary>Another node with the same pool, provider and clock.</summary>
    public Engine AnotherNode(ReservationOptions? options = null) => new(_shared, options);

    /// <summary>kill -9, and what the next start has before its first request.</summary>
    public async Task<Engine> KilledAndStartedAgainAsync()
    {
        await Journal.DisposeAsync();
        var next = new Engine(_shared, Options, _folder, _node);
        ReplayedJournal.Read(next.Journal, new OpenShipments()).GiveBack(next.Accounts, next.Pending);
        await next.Returner.ReturnAllAsync(TestContext.Current.CancellationToken);
        return next;
    }

    /// <summary>The pool's server restarts, or another takes over, without its last changes.</summary>
    public void FailOver(int changesLost) => _shared.Server = _shared.Server.Successor($"run{Guid.NewGuid():N}", changesLost);

    public void EmptyPool() => _shared.Server.Flush();

    public Task<(ReserveOutcome Outcome, Reservation Reservation)> ReserveAsync(params Meter[] meters) => ReserveAsync(allowance: 0, meters);

    public async Task<(ReserveOutcome Outcome, Reservation Reservation)> ReserveAsync(long allowance, params Meter[] meters)
    {
        var reservation = new Reservation();
        return (await Reserver.ReserveAsync(Customer, [.. meters], allowance, reservation, TestContext.Current.CancellationToken), reservation);
    }

    /// <summary>Reserves and is charged one unit, <paramref name="times"/> times.</summary>
    public async Task SpendAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var (outcome, reservation) = await ReserveAsync(PerRequest);
            Assert.Equal(ReserveOutcome.Held, outcome);
            foreach (var hold in reservation.Holds)
            {
                hold.Lease!.Charge(hold.Units);
                hold.Account.Charged(hold.Units, covered: true);
            }

            reservation.Holds.Clear();
        }
    }

    /// <summary>What the keeper does in <paramref name="seconds"/> seconds.</summary>
    public async Task KeepAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            Idle.Pass();
            await Returner.ReturnAllAsync(TestContext.Current.CancellationToken);
        }
    }

    public Account Account(Meter meter) => Accounts.Get(new AccountId(Customer, meter.Metric.Name));

    public Task<PoolContents> PoolOfAsync(Meter meter) => Pool.InspectAsync(new AccountId(Customer, meter.Metric.Name));

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        if (Directory.Exists(_folder.FullName)) _folder.Delete(recursive: true);
    }

    private static Shared NewShared(long wallet)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        return new Shared(clock, new FakeProvider(wallet), new PoolServer(clock, "run0"));
    }
}
