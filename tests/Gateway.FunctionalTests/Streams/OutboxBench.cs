using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;
using Gateway.Streams;
using Gateway.Tests.Journal;
using Gateway.Tests.Shipping;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.FunctionalTests.Streams;

/// <summary>A ledger and its outbox, and what comes after a crash of the node they are in.</summary>
internal abstract class OutboxBench : IAsyncDisposable
{
    /// <param name="server">None: the journal on disk.</param>
    /// <param name="mostEvents">Of a batch.</param>
    public static OutboxBench On(RedisServer? server, int mostEvents) => server is null ? new DiskBench(mostEvents) : new StreamBench(server, mostEvents);

    public abstract IOutbox Outbox { get; }

    public abstract ValueTask AppendAsync(Settlement settlement);

    /// <summary>The node dies; from now on this is the node that has to go on.</summary>
    public abstract Task CrashAsync();

    public abstract ValueTask DisposeAsync();

    public async Task<List<Batch>> ReadAsync(int most)
    {
        var batches = new List<Batch>();
        if (most == 0) return batches;
        await foreach (var batch in Outbox.ReadAsync(untilEmpty: true, TestContext.Current.CancellationToken))
        {
            batches.Add(batch);
            if (batches.Count == most) break;
        }

        return batches;
    }
}

internal sealed class DiskBench : OutboxBench
{
    private readonly int _mostEvents;
    private readonly FakeTimeProvider _clock = new(SomeSettlements.Start);
    private readonly List<IAsyncDisposable> _dead = [];
    private readonly List<IDisposable> _rubbish = [];
    private TempFolder _folder = new();
    private UsageJournal _journal = null!;
    private JournalOutbox _outbox = null!;

    public DiskBench(int mostEvents)
    {
        _mostEvents = mostEvents;
        Open();
    }

    public override IOutbox Outbox => _outbox;

    public override ValueTask AppendAsync(Settlement settlement)
    {
        _journal.Append(new Settled(settlement));
        return ValueTask.CompletedTask;
    }

    public override Task CrashAsync()
    {
        var left = _folder.Crash();
        _rubbish.Add(_folder);
        _folder = left;
        Open();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var dead in _dead) await dead.DisposeAsync();
        foreach (var rubbish in _rubbish) rubbish.Dispose();
        _folder.Dispose();
    }

    private void Open()
    {
        var open = new OpenShipments();
        _journal = UsageJournal.Open(
            _folder.Path, new JournalOptions { SegmentBytes = 65_536, MaxBytes = long.MaxValue }, _clock, NullLogger.Instance);
        ReplayedJournal.Read(_journal, open);
        _outbox = new JournalOutbox(_journal, open, new ShippingOptions { MaxBatch = _mostEvents }, _clock);
        _dead.Add(_journal);
    }
}

internal sealed class StreamBench(RedisServer server, int mostEvents) : OutboxBench
{
    private readonly RedisConnection _redis = new(
        new RedisOptions { Mode = RedisMode.External, Connection = server.Connection }, "", NullLoggerFactory.Instance);

    private NodeIdentity _node = NodeIdentity.Passing();
    private StreamLedger? _ledger;
    private StreamOutbox? _outbox;

    public FakeTimeProvider Clock { get; } = new();

    public override IOutbox Outbox => _outbox ??= OutboxOf(_node);

    public StreamLedger Ledger => _ledger ??= new StreamLedger(_redis, new JournalOptions(), TimeProvider.System, NullLogger<StreamLedger>.Instance);

    public StreamOutbox OutboxOf(NodeIdentity node) => new(
        _redis, node, new ShippingOptions { MaxBatch = mostEvents }, Clock, NullLogger<StreamOutbox>.Instance);

    public RedisQuarantine Quarantine() => new(_redis, TimeProvider.System);

    public async Task<StackExchange.Redis.IDatabase> DatabaseAsync() => await _redis.DatabaseAsync();

    public override ValueTask AppendAsync(Settlement settlement) => Ledger.AppendAsync(new Settled(settlement));

    /// <summary>Another node takes over, once the time for that has come.</summary>
    public override async Task CrashAsync()
    {
        await AgeAsync();
        _node = NodeIdentity.Passing();
        _outbox = null;
    }

    /// <summary>As if what was given to nodes had lain there long enough to be taken over.</summary>
    public async Task AgeAsync() => await AgeAsync(await DatabaseAsync());

    public static async Task AgeAsync(StackExchange.Redis.IDatabase database)
    {
        await UsageStream.EnsureGroupAsync(database);
        foreach (var pending in await database.StreamPendingMessagesAsync(UsageStream.Charges, UsageStream.Group, 100_000, StackExchange.Redis.RedisValue.Null))
        {
            await database.ExecuteAsync(
                "XCLAIM", UsageStream.Charges, UsageStream.Group, pending.ConsumerName, 0, pending.MessageId,
                "IDLE", (long)StreamOutbox.TakeOverAfter.TotalMilliseconds, "JUSTID");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _ledger?.Dispose();
        await _redis.DisposeAsync();
    }
}
