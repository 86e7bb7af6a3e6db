using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Shipping;
using Gateway.Tests.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Shipping;

public sealed class JournalBacklogTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("backlog-");
    private readonly OpenShipments _open = new();
    private readonly UsageJournal _journal;
    private readonly JournalOutbox _outbox;
    private readonly FileQuarantine _quarantine;
    private readonly JournalBacklog _backlog;

    public JournalBacklogTests()
    {
        var clock = new FakeTimeProvider(SomeSettlements.Start);
        _journal = Ledger.Open(_folder);
        _outbox = new JournalOutbox(_journal, _open, new ShippingOptions { MaxBatch = 1 }, clock);
        _quarantine = new FileQuarantine(_data.FullName, clock);
        _backlog = new JournalBacklog(_journal, _open, _quarantine);
    }

    [Fact]
    public void Where_nothing_was_charged_there_is_none()
    {
        _journal.Append(Ledger.Hold(1));

        Assert.Null(_backlog.Oldest);
        Assert.Equal(0, _backlog.Quarantined);
    }

    [Fact]
    public async Task The_oldest_charge_is_the_first_one_that_is_not_acknowledged_in_a_batch_or_in_none()
    {
        for (var second = 1; second <= 3; second++) Charge(second);
        Assert.Equal(At(1), _backlog.Oldest);

        var batches = await ReadAsync(2);
        Assert.Equal(At(1), _backlog.Oldest);

        await _outbox.AcknowledgeAsync(batches[1], []);
        Assert.Equal(At(1), _backlog.Oldest);

        await _outbox.AcknowledgeAsync(batches[0], []);
        Assert.Equal(At(3), _backlog.Oldest);

        foreach (var batch in await ReadAsync(int.MaxValue)) await _outbox.AcknowledgeAsync(batch, []);
        Assert.Null(_backlog.Oldest);

        Charge(4);
        Assert.Equal(At(4), _backlog.Oldest);
    }

    [Fact]
    public async Task A_charge_that_was_put_off_is_as_old_as_it_is()
    {
        Charge(1);
        Charge(2);
        foreach (var batch in await ReadAsync(int.MaxValue)) await _outbox.AcknowledgeAsync(batch, batch.Events);

        Assert.Equal(At(1), _backlog.Oldest);
        Charge(3);
        Assert.Equal(At(1), _backlog.Oldest);
    }

    [Fact]
    public async Task What_is_in_quarantine_counts_until_a_replay_is_done_with_it()
    {
        Charge(1);
        var usage = Assert.Single(Assert.Single(await ReadAsync(1)).Events);
        for (var i = 0; i < 3; i++) await _quarantine.AddAsync(usage with { IdempotencyKey = $"key-{i}" }, new EventResult(EventOutcome.Refused, 422, "no"));
        Assert.Equal(3, _backlog.Quarantined);

        await _quarantine.TakeAllAsync();
        Assert.Equal(3, _backlog.Quarantined);

        await _quarantine.DoneAsync();
        Assert.Equal(0, _backlog.Quarantined);
    }

    public async ValueTask DisposeAsync()
    {
        _quarantine.Dispose();
        await _journal.DisposeAsync();
        _folder.Dispose();
        _data.Delete(recursive: true);
    }

    private static DateTimeOffset At(int second) => SomeSettlements.Start.AddSeconds(second);

    private void Charge(int second) => _journal.Append(new Settled(SomeSettlements.Of(1) with { OccurredAt = At(second) }));

    private async Task<List<Batch>> ReadAsync(int most)
    {
        var batches = new List<Batch>();
        await foreach (var batch in _outbox.ReadAsync(untilEmpty: true, TestContext.Current.CancellationToken))
        {
            batches.Add(batch);
            if (batches.Count == most) break;
        }

        return batches;
    }
}
