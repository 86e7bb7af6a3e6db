using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Gateway.Reservations;
using Gateway.Simulation.Faults;
using Gateway.Simulation.Model;
using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation;

/// <summary>
/// One world by its seed: one to sixteen nodes, one Redis, one provider, some customers, and everything that can go wrong. Then it heals, and every
/// unit must be where it should be.
/// </summary>
internal sealed class Simulation : IDisposable
{
    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Healing = TimeSpan.FromSeconds(200); // longer than the longest back-off, and than a turn
    private static readonly TimeSpan Probing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(45); // accounts are idle after 30 s at most, and their fractions are stowed then

    private readonly Random _dice;
    private readonly World _world;
    private readonly FaultPlan _faults = new();
    private readonly Network _network;
    private readonly Clock _clock;
    private readonly Ledger _ledger = new();
    private readonly ProviderModel _provider;
    private readonly Accidents _accidents = new();
    private readonly List<Node> _nodes = [];
    private readonly List<PoolServer> _serverOf = [];
    private readonly CustomerId[] _customers;
    private readonly Meter[] _meters;
    private readonly SimulationReport _report;
    private readonly Process _chaos;
    private int _runs;

    /// <param name="fencing">False only to see the oracle find what happens without.</param>
    public Simulation(int seed, bool fencing = true)
    {
        _dice = new Random(seed);
        _report = new SimulationReport(seed);
        _world = new World(_dice);
        _network = new Network(_world, _faults);
        _clock = new Clock(_world);
        _chaos = new Process(_world);
        var nodes = _report.Nodes = 1 + _dice.Next(_dice.Next(1, 17));
        _customers = [.. Enumerable.Range(0, 1 + _dice.Next(4)).Select(i => new CustomerId($"cus_{i}"))];
        _meters = [.. Enumerable.Range(0, 1 + _dice.Next(3)).Select(MeterOf)];
        var options = new ReservationOptions
        {
            CoverSeconds = 1 + _dice.Next(20),
            MinBatch = 1 + _dice.Next(20),
            MaxBatch = 20 + _dice.Next(980),
            ExpiryMarginSeconds = 12, // the longest request here takes 10 s
            IdleSeconds = 1 + _dice.Next(30),
        };
        _provider = new ProviderModel(_clock, _ledger, TimeSpan.FromSeconds(_dice.Next(3) == 0 ? 3600 : 20 + _dice.Next(100)));
        var provider = new RemoteProvider(_world, _network, _faults, _provider);
        var first = new PoolServer(_clock, NewRun(), _ledger);
        for (var i = 0; i < nodes; i++)
        {
            var index = i;
            _serverOf.Add(first);
            _nodes.Add(new Node(
                i, _world, _network, provider, () => _serverOf[index], _faults, _accidents,
                new NodeTerms(options, _dice.Next(2) * _dice.Next(50), fencing ? "" : "one")));
            _nodes[i].Start();
        }

        foreach (var account in Accounts()) _provider.TopUp(account, _dice.Next(4) switch { 0 => 0, 1 => _dice.Next(30), _ => 1_000_000 });
    }

    public SimulationReport Run()
    {
        MakeTrouble();
        Advance(Trouble);
        Heal();
        Advance(Healing);
        Probe();
        Advance(Probing);
        foreach (var node in _nodes) node.Drain();
        Advance(Draining);
        Check();
        return _report;
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Delete();
    }

    private static Meter MeterOf(int index)
    {
        // The provider model finds the account by the billable metric's id.
        var rounding = index == 0 ? Rounding.Ceiling : Rounding.Carry;
        var name = $"metric-{index}";
        return new Meter(index, new Metric(new MetricName(name), name, "unit", rounding), index == 0 ? new RequestCount() : new UpstreamSeconds(), index == 0 ? 1 : 5, null, false);
    }

    private IEnumerable<AccountId> Accounts() => _customers.SelectMany(_ => _meters, (c, m) => new AccountId(c, m.Metric.Name));

    private string NewRun() => $"run{++_runs}";

    private void Advance(TimeSpan by)
    {
        _world.Run(TimeSpan.FromTicks(_world.Now) + by);
        if (_network.Violation is { } violation) throw new InvalidOperationException(violation.Message, violation);
        if (_accidents.Seen.Count > 0) throw new InvalidOperationException("The gateway logged an exception.", _accidents.Seen[0]);
    }

    private void MakeTrouble()
    {
        (_faults.LostRequests, _faults.LostReplies) = (Share(0.1), Share(0.1));
        (_faults.Duplicates, _faults.Slow, _faults.Refusals) = (Share(0.2), Share(0.1), Share(0.1));
        var requests = 50 + _dice.Next(500);
        for (var i = 0; i < requests; i++) At(Trouble * _dice.NextDouble(), Request);
        var accidents = _dice.Next(25);
        for (var i = 0; i < accidents; i++) At(Trouble * _dice.NextDouble(), Accident);
    }

    private double Share(double most) => _dice.Next(2) == 0 ? 0 : most * _dice.NextDouble();

    private void At(TimeSpan time, Action what) => _chaos.Start(async () =>
    {
        await Task.Delay(time, _clock);
        what();
    });

    private void Request()
    {
        var node = _nodes[_dice.Next(_nodes.Count)];
        if (!node.IsUp) return;
        var meters = _meters.Where(_ => _dice.Next(3) > 0).ToArray();
        if (meters.Length == 0) meters = [_meters[0]];
        var upstream = TimeSpan.FromSeconds(_dice.Next(4) == 0 ? _dice.NextDouble() * 10 : _dice.NextDouble() * 0.2);
        _report.Requests++;
        node.Request(_customers[_dice.Next(_customers.Length)], meters, upstream, billable: _dice.Next(10) > 0, outcome =>
        {
            if (outcome == ReserveOutcome.Held) _report.Held++;
            if (outcome == ReserveOutcome.NoFunds) _report.NoFunds++;
            if (outcome == ReserveOutcome.Unavailable) _report.Unavailable++;
        });
    }

    private void Accident()
    {
        var index = _dice.Next(_nodes.Count);
        var node = _nodes[index];
        var soon = TimeSpan.FromSeconds(_dice.NextDouble() * 30);
        switch (_dice.Next(11))
        {
            case 0 or 1 or 2 when node.IsUp:
                _report.Kills++;
                if (node.IsPaused) node.Continue();
                node.Kill();
                At(soon, () =>
                {
                    if (!node.IsUp) node.Start();
                });
                break;
            case 3 when node is { IsUp: true, IsPaused: false }:
                _report.Pauses++;
                var suspended = IsSuspendable(index) && _dice.Next(2) == 0;
                node.Pause(suspended);
                At(soon * 2, () =>
                {
                    if (node is { IsUp: true, IsPaused: true }) node.Continue();
                });
                break;
            case 4 when !IsSuspendable(index):
                node.Clock.WallError = TimeSpan.FromMinutes((_dice.NextDouble() - 0.5) * 120);
                break;
            case 5:
                _faults.PoolIsAway = true;
                At(soon, () => _faults.PoolIsAway = false);
                break;
            case 6:
                _faults.ProviderIsAway = true;
                At(soon, () => _faults.ProviderIsAway = false);
                break;
            case 7:
                _report.Flushes++;
                _serverOf[index].Flush();
                foreach (var account in Accounts()) _ledger.Lose(_serverOf[index].Run, account);
                break;
            case 8 or 9:
                // A failover or a restart: the new run lacks the last changes, and the nodes find it one after the other.
                _report.Failovers++;
                var next = _serverOf[index].Successor(NewRun(), _dice.Next(30));
                for (var i = 0; i < _nodes.Count; i++)
                {
                    var who = i;
                    At(TimeSpan.FromSeconds(_dice.NextDouble() * 5), () => _serverOf[who] = next);
                }

                break;
            case 10:
                foreach (var account in Accounts()) _provider.TopUp(account, _dice.Next(100));
                break;
        }
    }

    /// <summary>
    /// A machine that is suspended while somebody sets its wall clock back can not know how late it is. So here one or the other happens to a node.
    /// </summary>
    private static bool IsSuspendable(int index) => index % 2 == 0;

    private void Heal()
    {
        _faults.Heal();
        for (var i = 0; i < _nodes.Count; i++)
        {
            _serverOf[i] = _serverOf[0];
            if (!_nodes[i].IsUp) _nodes[i].Start();
            if (_nodes[i].IsPaused) _nodes[i].Continue();
        }
    }

    /// <summary>With everything well again and money in every wallet, everybody is served.</summary>
    private void Probe()
    {
        foreach (var account in Accounts()) _provider.TopUp(account, 1_000_000);
        foreach (var customer in _customers)
        {
            foreach (var node in _nodes)
            {
                node.Request(customer, _meters, TimeSpan.FromMilliseconds(50), billable: true, outcome =>
                {
                    if (outcome != ReserveOutcome.Held) _report.Problem ??= $"{customer} was not served after everything had healed: {outcome} by {Array.IndexOf([.. _nodes], node)} at {_world.Now / 1e7:F1} s.";
                });
            }
        }
    }

    private void Check()
    {
        _ledger.AssertBalanced();
        var settled = _nodes.Select(n => n.Settled()).Aggregate((a, b) => (a.Covered + b.Covered, a.Uncovered + b.Uncovered));
        _report.Steps = _world.Steps;
        _report.Granted = _ledger.GrantedUnits;
        _report.Charged = _ledger.ChargedUnits;
        _report.Uncovered = _provider.UncoveredUnits;
        foreach (var (_, book) in _ledger.Books)
        {
            _report.Pooled += book.Pooled.Units;
            _report.Lost += book.Lost.Units + book.Outside.Units;
            _report.Stranded += book.Leased.Units;
        }

        Require(settled.Covered == _ledger.ChargedUnits, $"{settled.Covered} units were settled and {_ledger.ChargedUnits} reported");
        Require(settled.Uncovered == _provider.UncoveredUnits, $"{settled.Uncovered} uncovered units were settled and {_provider.UncoveredUnits} reported");
        foreach (var node in _nodes)
        {
            Require(node.Running == 0, $"{node.Running} requests never ended");
            Require(node.PendingReturns == 0, $"{node.PendingReturns} leases were not returned");
            Require(!node.OpenLeases().Any(l => l.Taken.ExpiresAt > _clock.GetUtcNow() + TimeSpan.FromSeconds(12)), "a lease was left open");
            foreach (var figures in node.Accounts.Select(a => a.Figures()))
                Require(figures.Held == 0 && figures.Leased == figures.Left + figures.Charged + figures.Returned + figures.Expired, $"an account does not add up: {figures}");
        }
    }

    private void Require(bool holds, string what)
    {
        if (!holds) _report.Problem ??= what + ".";
    }
}

/// <summary>What a run was, and what is wrong with it, if anything. Units.</summary>
internal sealed record SimulationReport(int Seed)
{
    public int Nodes { get; set; }

    public int Requests { get; set; }

    public int Held { get; set; }

    public int NoFunds { get; set; }

    public int Unavailable { get; set; }

    public int Kills { get; set; }

    public int Pauses { get; set; }

    public int Flushes { get; set; }

    public int Failovers { get; set; }

    public long Granted { get; set; }

    public long Charged { get; set; }

    public long Uncovered { get; set; }

    public long Pooled { get; set; }

    /// <summary>Set aside and not usable: never deposited, or lost with a run of the server.</summary>
    public long Lost { get; set; }

    /// <summary>Leased and neither charged nor returned: ended, fenced, or leased by an answer that nobody heard.</summary>
    public long Stranded { get; set; }

    public long Steps { get; set; }

    public string? Problem { get; set; }
}
