using CsCheck;
using Gateway.Billing;
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
    public async Task What_is_not_on_disk_as_it_was_formed_is_not_sent_by_a_later_reading_either()
    {
        using var folder = new TempFolder();
        await using var life = new Life(folder, TimeSpan.Zero, most: 10, new TestDisk { IsBroken = true });
        life.Journal.Append(new Settled(SomeSettlements.Of(1)));

        for (var reading = 0; reading < 3; reading++) await Assert.ThrowsAsync<JournalUnavailableException>(() => life.ReadAsync(int.MaxValue));
    }

    [Fact]
    public async Task What_the_start_after_a_kill_sends_is_the_same_after_a_power_failure()
    {
        var disk = new FaultyDisk([]);
        using var folder = new TempFolder();
        await using var killed = Ledger.Open(folder, disk: disk, flushMilliseconds: 600_000);
        var settled = killed.Append(new Settled(SomeSettlements.Of(1)));
        await killed.WaitForFlushAsync(settled, TestContext.Current.CancellationToken);
        killed.Append(new BatchFormed(1, settled, settled, WindowSeconds: 3600)); // the page cache has it, the disk has not
        using var left = folder.Crash();
        await using var next = new Life(left, TimeSpan.FromHours(1), most: 10, disk);
        var sent = Assert.Single(Assert.Single(await next.ReadAsync(1)).Events);

        using var afterPowerLoss = disk.AfterPowerLoss(left);
        await using var last = new Life(afterPowerLoss, TimeSpan.FromHours(1), most: 10);
        last.Journal.Append(new Settled(SomeSettlements.Of(2))); // of the same account and window
        var events = (await last.ReadAsync(int.MaxValue)).SelectMany(b => b.Events).ToList();

        Assert.Contains(sent, events);
        Assert.Equal(3, events.Sum(e => e.Quantity));
    }

    [Fact]
    public async Task An_event_that_was_put_off_does_not_wait_for_the_end_of_a_window_of_others()
    {
        using var folder = new TempFolder();
        await using var life = new Life(folder, TimeSpan.FromHours(1), most: 10);
        var putOff = await life.PutOffAsync();
        life.Journal.Append(new Settled(SomeSettlements.Of(2)));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var batches = life.Outbox.ReadAsync(untilEmpty: false, end.Token).GetAsyncEnumerator(end.Token);
        var next = NextAsync(batches);
        life.Clock.Advance(TimeSpan.FromMinutes(1));

        var retry = await next;
        Assert.Equal((true, putOff), (retry.IsDeferred, Assert.Single(retry.Events)));
        await batches.DisposeAsync();
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

    [Fact]
    public async Task An_event_that_was_put_off_again_comes_also_when_its_time_was_over_before_anybody_asked_for_more()
    {
        using var folder = new TempFolder();
        await using var life = new Life(folder, TimeSpan.Zero, most: 10);
        var putOff = await life.PutOffAsync();
        life.Clock.Advance(TimeSpan.FromSeconds(3));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var batches = life.Outbox.ReadAsync(untilEmpty: false, end.Token).GetAsyncEnumerator(end.Token);
        var retry = await NextAsync(batches);
        Assert.Equal((true, putOff), (retry.IsDeferred, Assert.Single(retry.Events)));

        await life.Outbox.AcknowledgeAsync(retry, retry.Events);
        life.Journal.Append(new Settled(SomeSettlements.Of(2)));
        life.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.False((await NextAsync(batches)).IsDeferred);
        Assert.Equal(putOff, Assert.Single((await NextAsync(batches)).Events));
        await batches.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_waits_for_an_event_whose_retry_is_out()
    {
        using var folder = new TempFolder();
        await using var life = new Life(folder, TimeSpan.Zero, most: 10);
        await life.PutOffAsync();
        life.Clock.Advance(TimeSpan.FromSeconds(3));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var batches = life.Outbox.ReadAsync(untilEmpty: false, end.Token).GetAsyncEnumerator(end.Token);
        await NextAsync(batches);

        var looksBefore = life.Clock.Looks;
        var next = batches.MoveNextAsync().AsTask();
        for (var i = 0; i < 1000; i++) await Task.Yield();

        Assert.InRange(life.Clock.Looks - looksBefore, 0, 10);
        Assert.False(next.IsCompleted);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await batches.DisposeAsync();
    }

    [Fact]
    public async Task An_event_that_is_put_off_while_nothing_new_is_charged_comes_when_its_time_has_come()
    {
        using var folder = new TempFolder();
        await using var life = new Life(folder, TimeSpan.Zero, most: 10);
        life.Journal.Append(new Settled(SomeSettlements.Of(1)));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var batches = life.Outbox.ReadAsync(untilEmpty: false, end.Token).GetAsyncEnumerator(end.Token);
        var batch = await NextAsync(batches);
        foreach (var wait in new[] { 2, 4, 8 })
        {
            var next = NextAsync(batches); // waits before the answer is there
            await life.Outbox.AcknowledgeAsync(batch, batch.Events);
            life.Clock.Advance(TimeSpan.FromSeconds(wait - 0.1));
            Assert.False(next.IsCompleted);

            await PassTimeUntilAsync(life.Clock, next);
            Assert.Equal(batch.Events, (await next).Events);
            batch = await next;
        }

        await batches.DisposeAsync();
    }

    private static async Task<Batch> NextAsync(IAsyncEnumerator<Batch> batches)
    {
        Assert.True(await batches.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        return batches.Current;
    }

    /// <summary>The reader hears on another thread that something was put off, so that a single step may be over before it waits for it.</summary>
    private static async Task PassTimeUntilAsync(CountingClock clock, Task task)
    {
        while (!task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    /// <summary>A clock that stands still and counts how often it is looked at.</summary>
    private sealed class CountingClock() : FakeTimeProvider(SomeSettlements.Start)
    {
        private int _looks;

        public int Looks => Volatile.Read(ref _looks);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _looks);
            return base.GetTimestamp();
        }
    }

    /// <summary>One run of a process on a folder.</summary>
    private sealed class Life : IAsyncDisposable
    {
        public Life(TempFolder folder, TimeSpan window, int most, IJournalDisk? disk = null)
        {
            var open = new OpenShipments();
            Journal = Ledger.Open(folder, disk: disk);
            ReplayedJournal.Read(Journal, open);
            var options = new ShippingOptions { MaxBatch = most, Aggregate = new AggregationWindow((int)window.TotalSeconds) };
            Outbox = new JournalOutbox(Journal, open, options, Clock);
        }

        public CountingClock Clock { get; } = new();

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

        /// <summary>One event, settled and put off.</summary>
        public async Task<UsageEvent> PutOffAsync()
        {
            Journal.Append(new Settled(SomeSettlements.Of(1)));
            var batch = Assert.Single(await ReadAsync(int.MaxValue));
            await Outbox.AcknowledgeAsync(batch, batch.Events);
            return Assert.Single(batch.Events);
        }

        public ValueTask DisposeAsync() => Journal.DisposeAsync();
    }
}
