using Gateway.Reservations;
using Gateway.Simulation.Duel.Rules;
using Gateway.Simulation.Faults;
using Gateway.Simulation.Model;
using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Duel;

/// <summary>One rule through one scenario: the same arrivals, payments and faults for every rule with the same seed.</summary>
internal sealed class Contest : IDisposable
{
    public const int Nodes = 4;
    public const int Customers = 20;
    private const int Hot = 3;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(60); // the last reports arrive

    private readonly Random _dice;
    private readonly World _world;
    private readonly FaultPlan _faults = new();
    private readonly Network _network;
    private readonly Clock _clock;
    private readonly Process _script;
    private readonly Truth _truth = new(Customers);
    private readonly SharedCounters _redis = new();
    private readonly Platform _platform;
    private readonly Ledger _ledger = new();
    private readonly ProviderModel _provider;
    private readonly Accidents _accidents = new();
    private readonly List<Node> _ours = [];
    private readonly IContender[] _nodes;
    private readonly Rule _rule;
    private PoolServer _server;

    public Contest(Rule rule, int seed, bool withFaults)
    {
        _rule = rule;
        _dice = new Random(seed);
        _world = new World(new Random(seed));
        _network = new Network(_world, _faults);
        _clock = new Clock(_world);
        _script = new Process(_world);
        _platform = new Platform(_truth, Customers);
        _provider = new ProviderModel(_clock, _ledger, TimeSpan.FromHours(1));
        _server = new PoolServer(_clock, "run0", _ledger);
        var shared = new DuelWorld(_world, _network, _faults, _truth, _redis, _platform);
        _nodes = [.. Enumerable.Range(0, Nodes).Select(i => NewNode(i, shared))];
        foreach (var node in _nodes) node.Start();
        WriteScript(withFaults);
    }

    public DuelFigures Run()
    {
        _world.Run(Duration + Rest);
        foreach (var node in _nodes) node.Drain();
        _world.Run(Duration + (Rest * 2));
        if (_network.Violation is { } violation) throw new InvalidOperationException(violation.Message, violation);
        if (_accidents.Seen.Count > 0) throw new InvalidOperationException("The gateway logged an exception.", _accidents.Seen[0]);
        return Count();
    }

    public void Dispose()
    {
        foreach (var node in _ours) node.Delete();
    }

    private IContender NewNode(int index, DuelWorld shared)
    {
        switch (_rule)
        {
            case Rule.CheckThenCharge: return new CheckThenCharge(shared);
            case Rule.AsyncCounter: return new AsyncCounter(shared);
            case Rule.OptimisticQuota: return new OptimisticQuota(shared);
            case Rule.DebitFirst: return new DebitFirst(shared);
            default:
                var provider = new RemoteProvider(_world, _network, _faults, _provider);
                var node = new Node(index, _world, _network, provider, () => _server, _faults, _accidents, new NodeTerms(new ReservationOptions(), Allowance: 0));
                _ours.Add(node);
                return new LeaseNode(node, _truth);
        }
    }

    /// <summary>All of it is drawn beforehand, so that no rule's own behaviour changes what the next one meets.</summary>
    private void WriteScript(bool withFaults)
    {
        for (var customer = 0; customer < Customers; customer++)
        {
            var who = customer;
            var (perSecond, wallet) = customer < Hot ? (60.0, 3000L) : (1 + (_dice.NextDouble() * 4), _dice.Next(2) == 0 ? 100L : 100_000L);
            Pay(who, wallet);
            if (customer < Hot) At(TimeSpan.FromSeconds(90), () => Pay(who, 1000));
            for (var at = NextArrival(perSecond); at < Duration; at += NextArrival(perSecond))
            {
                var (node, upstream) = (_dice.Next(Nodes), TimeSpan.FromMilliseconds(20 + _dice.Next(480)));
                At(at, () => Arrive(who, node, upstream));
            }
        }

        if (!withFaults) return;
        (_faults.LostRequests, _faults.LostReplies) = (0.005, 0.005);
        for (var i = 0; i < 3; i++)
        {
            var node = i;
            At(TimeSpan.FromSeconds(20 + (i * 35)), () => _nodes[node].Kill());
            At(TimeSpan.FromSeconds(22 + (i * 35)), () => _nodes[node].Start());
        }

        At(TimeSpan.FromSeconds(40), FailOver);
        At(TimeSpan.FromSeconds(60), () => _faults.PoolIsAway = true);
        At(TimeSpan.FromSeconds(70), () => _faults.PoolIsAway = false);
        At(TimeSpan.FromSeconds(80), () => _faults.ProviderIsAway = true);
        At(TimeSpan.FromSeconds(95), () => _faults.ProviderIsAway = false);
        At(Duration, _faults.Heal);
    }

    private TimeSpan NextArrival(double perSecond) => TimeSpan.FromSeconds(-Math.Log(1 - _dice.NextDouble()) / perSecond);

    private void At(TimeSpan time, Action what) => _script.Start(async () =>
    {
        await _clock.DelayAsync(time);
        what();
    });

    private void Pay(int customer, long units)
    {
        _truth.TopUp(customer, units);
        _provider.TopUp(LeaseNode.Account(customer), units);
        if (_rule == Rule.DebitFirst && _redis.Get(DebitFirst.Key(customer)) is not null) _redis.Increment(DebitFirst.Key(customer), units);
    }

    private void Arrive(int customer, int node, TimeSpan upstream)
    {
        if (_rule == Rule.Lease && !_ours[node].IsUp) return; // nobody answers there; so for the others, whose process drops it
        _truth.Arrive();
        _nodes[node].Handle(customer, upstream);
    }

    private void FailOver()
    {
        const int changes = 40;
        _redis.ForgetLast(changes);
        _server = _server.Successor("run1", changes);
    }

    private DuelFigures Count()
    {
        var (lost, doubled) = (0L, 0L);
        for (var customer = 0; customer < Customers; customer++)
        {
            var billed = _rule == Rule.Lease ? BilledByUs(customer) : _platform.Billed(customer);
            lost += Math.Max(0, _truth.ServedTo(customer) - billed);
            doubled += Math.Max(0, billed - _truth.ServedTo(customer));
        }

        var frozen = _ledger.Books.Sum(b => b.Value.Granted.Units - b.Value.Charged.Units) - Usable();
        var (redis, provider) = _rule == Rule.Lease ? (_server.TotalCalls, _provider.Calls + _provider.Batches) : (_redis.Calls, _platform.Calls);
        return new DuelFigures(
            _truth.Arrived, _truth.Served, _truth.Overspent, lost, doubled, _truth.FalselyDenied, _truth.Unavailable, frozen, Paid(), redis, provider);
    }

    private long BilledByUs(int customer) => _provider.ChargedTo(LeaseNode.Account(customer).Customer);

    private long Paid() => Enumerable.Range(0, Customers).Sum(_truth.Paid);

    /// <summary>What the pool has for the next request.</summary>
    private long Usable() => _server.UsableUnits();
}

internal enum Rule
{
    CheckThenCharge,
    AsyncCounter,
    OptimisticQuota,
    DebitFirst,
    Lease,
}

/// <summary>Requests, and calls. <paramref name="Frozen"/>: set aside at the end and neither charged nor usable.</summary>
internal sealed record DuelFigures(
    long Arrived, long Served, long Overspent, long Lost, long Doubled, long FalselyDenied, long Unavailable, long Frozen, long Paid, long RedisCalls,
    long ProviderCalls)
{
    public static DuelFigures operator +(DuelFigures a, DuelFigures b) => new(
        a.Arrived + b.Arrived, a.Served + b.Served, a.Overspent + b.Overspent, a.Lost + b.Lost, a.Doubled + b.Doubled,
        a.FalselyDenied + b.FalselyDenied, a.Unavailable + b.Unavailable, a.Frozen + b.Frozen, a.Paid + b.Paid, a.RedisCalls + b.RedisCalls,
        a.ProviderCalls + b.ProviderCalls);
}
