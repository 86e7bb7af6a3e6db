using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Gateway.Reservations;
using Gateway.Simulation.Faults;
using Gateway.Simulation.Model;
using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Tests;

/// <summary>
/// What reserving costs in calls, counted, with a provider that takes about 80 ms to answer and a Redis that takes about 0.6. Time is simulated: a
/// request that waits for nobody takes none.
/// </summary>
public sealed class RateTests : IDisposable
{
    private static readonly CustomerId Customer = new("cus_1");
    private static readonly Meter PerRequest = new(0, new Metric(new MetricName("basic"), "basic", "unit", Rounding.Ceiling), new RequestCount(), 1, null, false);

    private readonly World _world = new(new Random(1));
    private readonly PoolServer _server;
    private readonly ProviderModel _provider;
    private readonly List<Node> _nodes = [];
    private readonly Process _clients;
    private readonly Clock _clock;
    private readonly List<(TimeSpan At, TimeSpan Waited)> _waits = [];
    private int _served;

    public RateTests()
    {
        _clock = new Clock(_world);
        _clients = new Process(_world);
        var ledger = new Ledger();
        _server = new PoolServer(_clock, "run1", ledger);
        _provider = new ProviderModel(_clock, ledger, TimeSpan.FromHours(1));
        _provider.TopUp(new AccountId(Customer, PerRequest.Metric.Name), 100_000_000);
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Delete();
    }

    [Fact]
    public void At_a_steady_rate_calls_are_few_and_nobody_waits()
    {
        StartNodes(1);
        Load(perSecond: 1000, TimeSpan.Zero, TimeSpan.FromSeconds(40));
        _world.Run(TimeSpan.FromSeconds(10));
        var (pool, provider, served) = (_server.Calls, _provider.Calls, _served);

        _world.Run(TimeSpan.FromSeconds(40));

        var requests = _served - served;
        Assert.Equal(30_000, requests, tolerance: 100);
        Assert.InRange(_server.Calls - pool, 1, requests / 50);
        Assert.InRange(_provider.Calls - provider, 1, requests / 500);
        Assert.DoesNotContain(_waits, w => w.At > TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Between_refills_a_request_asks_nobody()
    {
        StartNodes(1);
        Load(perSecond: 100, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        _world.Run(TimeSpan.FromSeconds(20));
        for (var leases = _server.Leases; _server.Leases == leases;) _world.Run(TimeSpan.FromTicks(_world.Now) + TimeSpan.FromMilliseconds(10));
        var (calls, served) = (_server.Calls + _provider.Calls, _served);

        _world.Run(TimeSpan.FromTicks(_world.Now) + TimeSpan.FromSeconds(1)); // a lease is for more than that

        Assert.Equal(100, _served - served, tolerance: 2);
        Assert.Equal(calls, _server.Calls + _provider.Calls);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void When_the_load_jumps_tenfold_nobody_waits_after_the_second_refill(int before)
    {
        StartNodes(1);
        Load(before, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Load(before * 9, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        _world.Run(TimeSpan.FromSeconds(30));
        var refills = _server.Leases;

        while (_server.Leases < refills + 2) _world.Run(TimeSpan.FromTicks(_world.Now) + TimeSpan.FromMilliseconds(10));
        var second = TimeSpan.FromTicks(_world.Now);
        _world.Run(TimeSpan.FromSeconds(60));

        Assert.InRange(second, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45));
        Assert.DoesNotContain(_waits, w => w.At > second);
    }

    [Fact]
    public void Sixteen_nodes_that_start_on_one_account_at_once_ask_the_provider_one_after_the_other()
    {
        StartNodes(16);
        Load(perSecond: 1600, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        _world.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(1, _provider.MostAtOnce);
        Assert.DoesNotContain(_waits, w => w.At > TimeSpan.FromSeconds(10));
        Assert.True(_provider.Calls < _served / 100, $"{_provider.Calls} calls for {_served} requests");
    }

    [Fact]
    public void An_orderly_end_gives_back_all_that_was_not_spent()
    {
        StartNodes(4);
        Load(perSecond: 400, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        _world.Run(TimeSpan.FromSeconds(21));
        var (left, before) = (_nodes.SelectMany(n => n.Accounts).Sum(a => a.Figures().Left), _server.UsableUnits());

        foreach (var node in _nodes) node.Drain();
        _world.Run(TimeSpan.FromSeconds(22));

        Assert.True(left > 500);
        Assert.Equal(before + left, _server.UsableUnits());
    }

    private void StartNodes(int count)
    {
        var (faults, accidents) = (new FaultPlan(), new Accidents());
        var network = new Network(_world, faults);
        for (var i = 0; i < count; i++)
        {
            var provider = new RemoteProvider(_world, network, faults, _provider);
            _nodes.Add(new Node(i, _world, network, provider, () => _server, faults, accidents, new NodeTerms(new ReservationOptions(), Allowance: 0)));
            _nodes[i].Start();
        }
    }

    private void Load(int perSecond, TimeSpan from, TimeSpan until) => _clients.Start(async () =>
    {
        await _clock.DelayAsync(from - TimeSpan.FromTicks(_world.Now));
        var pause = TimeSpan.FromSeconds(1.0 / perSecond);
        for (var i = 0; TimeSpan.FromTicks(_world.Now) < until; i++)
        {
            var started = TimeSpan.FromTicks(_world.Now);
            _nodes[i % _nodes.Count].Request(Customer, [PerRequest], TimeSpan.FromMilliseconds(20), billable: true, outcome =>
            {
                Assert.Equal(ReserveOutcome.Held, outcome);
                _served++;
                if (TimeSpan.FromTicks(_world.Now) - started is var waited && waited > TimeSpan.Zero) _waits.Add((started, waited));
            });
            await _clock.DelayAsync(pause);
        }
    });
}
