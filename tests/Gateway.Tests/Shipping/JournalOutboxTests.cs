using CsCheck;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Recovery;
using Gateway.Shipping;
using Gateway.Tests.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Shipping;

public sealed class JournalOutboxTests
{
    [Fact]
    public Task What_was_handed_out_and_not_acknowledged_comes_again_the_same_after_a_crash_and_the_rest_after_it() =>
        Gen.Select(SomeSettlements.Many, SomeSettlements.Window, Gen.Int[1, 20], Gen.Int[0, 6], Gen.Bool.Array[6]).SampleAsync(
            async (settlements, window, most, handedOut, acknowledged) =>
            {
                using var folder = new TempFolder();
                List<Batch> first;
                await using (var life = new Life(folder, window, most))
                {
                    foreach (var settlement in settlements) life.Journal.Append(new Settled(settlement));
                    first = await life.ReadAsync(handedOut);
                    for (var i = first.Count - 1; i >= 0; i--)
                    {
                        if (acknowledged[i]) await life.Outbox.AcknowledgeAsync(first[i], []);
                    }

                    using var crash = folder.Crash();
                    await using var next = new Life(crash, window, most);
                    var again = await next.ReadAsync(int.MaxValue);

                    var open = first.Where((_, i) => !acknowledged[i]).ToList();
                    Assert.Equal(open.Select(b => b.Events), again.Take(open.Count).Select(b => b.Events));
                    var done = first.Where((_, i) => acknowledged[i]).SelectMany(b => b.Events);
                    Assert.Equal(SomeSettlements.Totals(settlements), SomeSettlements.Totals(done.Concat(again.SelectMany(b => b.Events))));

                    foreach (var batch in again) await next.Outbox.AcknowledgeAsync(batch, []);
                    Assert.Empty(await next.ReadAsync(int.MaxValue));
                }
            },
            iter: 200);

    [Fact]
    public async Task What_is_not_on_disk_as_it_was_formed_is_not_sent()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk { IsBroken = true };
        await using var life = new Life(folder, TimeSpan.Zero, most: 10, disk);
        life.Journal.Append(new Settled(SomeSettlements.Of(1)));

        await Assert.ThrowsAsync<JournalUnavailableException>(() => life.ReadAsync(int.MaxValue));
        disk.IsBroken = false;

        Assert.Single(await life.ReadAsync(int.MaxValue));
    }

    [Fact]
    public async Task An_event_that_was_put_off_comes_again_alone_also_after_a_crash_until_it_is_decided()
    {
        using var folder = new TempFolder();
        await using var life = new Life(folder, TimeSpan.Zero, most: 10);
        foreach (var units in new[] { 1, 2, 3 }) life.Journal.Append(new Settled(SomeSettlements.Of(units)));
        var batch = Assert.Single(await life.ReadAsync(int.MaxValue));
        var putOff = batch.Events[1];
        await life.Outbox.AcknowledgeAsync(batch, [putOff]);

        using var crash = folder.Crash();
        await using var next = new Life(crash, TimeSpan.Zero, most: 10);
        var again = Assert.Single(await next.ReadAsync(int.MaxValue));
        Assert.Equal((true, putOff), (again.IsDeferred, Assert.Single(again.Events)));
        await next.Outbox.AcknowledgeAsync(again, again.Events);
        Assert.Equal(putOff, Assert.Single(Assert.Single(await next.ReadAsync(int.MaxValue)).Events));

        await next.Outbox.AcknowledgeAsync(again, []);
        Assert.Empty(await next.ReadAsync(int.MaxValue));
        using var second = crash.Crash();
        await using var last = new Life(second, TimeSpan.Zero, most: 10);
        Assert.Empty(await last.ReadAsync(int.MaxValue));
    }

    /// <summary>One run of a process on a folder.</summary>
    private sealed class Life : IAsyncDisposable
    {
        public Life(TempFolder folder, TimeSpan window, int most, TestDisk? disk = null)
        {
            var clock = new FakeTimeProvider(SomeSettlements.Start);
            var open = new OpenShipments();
            Journal = Ledger.Open(folder, disk: disk, clock: clock);
            ReplayedJournal.Read(Journal, open);
            var options = new ShippingOptions { MaxBatch = most, Aggregate = new AggregationWindow((int)window.TotalSeconds) };
            Outbox = new JournalOutbox(Journal, open, options, clock);
        }

        public UsageJournal Journal { get; }

        public JournalOutbox Outbox { get; }

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

        public ValueTask DisposeAsync() => Journal.DisposeAsync();
    }
}
