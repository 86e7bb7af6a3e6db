using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Settlements;
using Gateway.Shipping;
using Gateway.Simulation.Faults;
using Gateway.Simulation.Model;
using Gateway.Simulation.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using IMeterFactory = System.Diagnostics.Metrics.IMeterFactory;

namespace Gateway.Simulation;

/// <summary>
/// A gateway without its sockets: the real reservation stage, settlement, journal and recovery, over a simulated clock and network. Shipping is
/// simulated: it reads the real journal.
/// </summary>
internal sealed class Node(int index, World world, Network network, RemoteProvider provider, Func<PoolServer> server, FaultPlan faults, Accidents accidents, NodeTerms terms)
{
    // The journal is a real one; where it can, it lives in memory.
    private static readonly string Memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(Memory, $"simulated-node-{Guid.NewGuid():N}"));
    private readonly NodeIdentity _identity = new(new Guid(index, 0, 0, new byte[8]));
    private readonly Dictionary<Guid, DateTimeOffset> _trulyAt = [];
    private readonly TimeSpan _sweep = TimeSpan.FromSeconds(1);
    private ServiceProvider? _services;
    private Process? _process;
    private UsageJournal? _journal;
    private AccountTable? _accounts;
    private PendingReturns? _pending;
    private IdleAccounts? _idle;
    private LeaseReturner? _returner;
    private Reserver? _reserver;
    private Settler? _settler;
    private JournalPosition _shipped;
    private long? _suspendedAt;
    private int _running;

    public Clock Clock { get; } = new(world);

    public bool IsUp => _process is { IsAlive: true };

    public bool IsPaused => _process is { IsPaused: true };

    public int Running => _running;

    public int PendingReturns => _pending?.Count ?? 0;

    public ReservationMetrics? Metrics { get; private set; }

    public IEnumerable<Account> Accounts => _accounts?.All ?? [];

    public void Start()
    {
        _process = new Process(world);
        _running = 0;
        _journal = Task.Run(() => UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 1 << 20, MaxBytes = 16 << 20 }, TimeProvider.System,
            accidents.CreateLogger("journal"), new QuickDisk())).GetAwaiter().GetResult();
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        var metrics = Metrics = new ReservationMetrics(meters);
        var pool = new RemotePool(
            network, faults, new PoolTerms(_identity.Id.ToString("N"), terms.Server, TimeSpan.FromSeconds(terms.Options.ExpiryMarginSeconds), RemoteProvider.Timeout + TimeSpan.FromSeconds(5)), server);
        _accounts = new AccountTable(Clock);
        _pending = new PendingReturns();
        var ledger = new JournalLedger(_journal, Durability.Process);
        var refiller = new Refiller(pool, provider, ledger, terms.Options, metrics, Clock, accidents.CreateLogger<Refiller>());
        _idle = new IdleAccounts(_accounts, refiller, _pending, terms.Options, Clock);
        _returner = new LeaseReturner(_pending, pool, ledger, _identity, metrics, accidents.CreateLogger<LeaseReturner>());
        _reserver = new Reserver(_accounts, refiller, metrics, Clock);
        _settler = new Settler(ledger, new SettlementMetrics(meters), new Gateway.Shadow.ShadowBook(meters), Clock);

        var shipments = new OpenShipments();
        var replayed = ReplayedJournal.Read(_journal, shipments);
        replayed.GiveBack(_accounts, _pending);
        _shipped = shipments.FormedThrough;
        _process.Start(SweepAsync);
        _process.Start(ShipAsync);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _services!.Dispose(); // instruments are known to the whole process until then
        Task.Run(() => _journal!.DisposeAsync().AsTask()).GetAwaiter().GetResult(); // its own threads are not of this world
    }

    /// <summary>SIGSTOP, or the machine is suspended and its monotonic clock stands still too.</summary>
    public void Pause(bool suspended)
    {
        _suspendedAt = suspended ? world.Now : null;
        _process!.Pause();
    }

    public void Continue()
    {
        if (_suspendedAt is { } since) Clock.Suspended += TimeSpan.FromTicks(world.Now - since);
        _suspendedAt = null;
        _process!.Continue();
    }

    /// <summary>SIGTERM, after the last request.</summary>
    public void Drain() => _process!.Start(async () =>
    {
        _idle!.GiveUpAll();
        await _returner!.ReturnAllAsync(CancellationToken.None);
    });

    /// <summary>One request from its reservation to its settlement.</summary>
    /// <param name="upstream">How long the upstream takes.</param>
    /// <param name="served">The charge is in the journal: the client gets its answer.</param>
    public void Request(CustomerId customer, Meter[] meters, TimeSpan upstream, bool billable, Action<ReserveOutcome> reserved, Action? served = null) => _process!.Start(async () =>
    {
        _running++;
        try
        {
            var (id, reservation) = (new Guid(world.Dice.Next(), (short)index, 0, BitConverter.GetBytes(world.Now)), new Reservation());
            var outcome = await _reserver!.ReserveAsync(customer, [.. meters], terms.Allowance, reservation, CancellationToken.None);
            reserved(outcome);
            if (outcome != ReserveOutcome.Held) return;

            var started = Clock.GetTimestamp();
            await Task.Delay(upstream, Clock);
            if (!billable)
            {
                reservation.Release();
                return;
            }

            _trulyAt[id] = World.Start + TimeSpan.FromTicks(world.Now);
            await _settler!.SettleAsync(new SettledRequest(id, customer, "route", 200, new Measurement(Clock.GetElapsedTime(started))), reservation);
            served?.Invoke();
        }
        catch (Exception e)
        {
            accidents.Seen.Add(e);
        }
        finally
        {
            _running--;
        }
    });

    /// <summary>Every lease the journal knows to be open, when no process runs.</summary>
    public IEnumerable<OpenLease> OpenLeases() => ReplayedJournal.Read(_journal!, new OpenShipments()).Leases.ToList();

    /// <summary>Units of all settlements in the journal.</summary>
    public (long Covered, long Uncovered) Settled()
    {
        var (covered, uncovered) = (0L, 0L);
        using var reader = _journal!.ReadFrom(_journal.Start);
        while (reader.TryRead(out var entry))
        {
            if (!entry.IsSettled) continue;
            foreach (var charge in entry.Read<Settled>().Settlement.Charges.Span)
            {
                if (charge.Entitlement is null) uncovered += charge.Units;
                else covered += charge.Units;
            }
        }

        return (covered, uncovered);
    }

    public void Delete()
    {
        if (IsUp) Kill();
        _folder.Delete(recursive: true);
    }

    private async Task SweepAsync()
    {
        while (true)
        {
            await Task.Delay(_sweep, Clock);
            _idle!.Pass();
            await _returner!.ReturnAllAsync(CancellationToken.None);
        }
    }

    private async Task ShipAsync()
    {
        var journal = _journal!;
        while (true)
        {
            await Task.Delay(_sweep, Clock);
            var (batch, last) = (new List<(Settlement, DateTimeOffset)>(), _shipped);
            using var reader = journal.ReadFrom(_shipped == default ? journal.Start : _shipped);
            while (reader.TryRead(out var entry))
            {
                if (entry.Position <= _shipped || !entry.IsSettled) continue;
                var settlement = entry.Read<Settled>().Settlement;
                batch.Add((settlement, _trulyAt[settlement.RequestId]));
                last = entry.Position;
            }

            if (batch.Count == 0) continue;
            try
            {
                await provider.RecordAsync(batch);
                journal.Append(new Shipped(last));
                _shipped = last;
            }
            catch (TimeoutException)
            {
                // the same again in a second
            }
        }
    }
}

/// <param name="Server">What the pool is told of its server's run; "" as in production with a shared Redis.</param>
internal sealed record NodeTerms(ReservationOptions Options, long Allowance, string Server = "");
