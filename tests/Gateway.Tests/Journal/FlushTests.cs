using Gateway.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

public sealed class FlushTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_flush_releases_all_who_wait_for_it()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk();
        await using var journal = Ledger.Open(folder, disk: disk);
        var stop = TestContext.Current.CancellationToken;

        var waits = Enumerable.Range(0, 500).Select(i => journal.WaitForFlushAsync(journal.Append(Ledger.Hold(i)), stop).AsTask()).ToList();
        await Task.WhenAll(waits);

        Assert.InRange(disk.Flushes, 1, 500);
    }

    [Fact]
    public async Task What_is_on_disk_already_is_not_waited_for()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk();
        await using var journal = Ledger.Open(folder, disk: disk);
        var stop = TestContext.Current.CancellationToken;
        var first = journal.Append(Ledger.Hold(1));
        var second = journal.Append(Ledger.Hold(2));

        await journal.WaitForFlushAsync(second, stop);

        Assert.True(journal.WaitForFlushAsync(first, stop).AsTask().IsCompletedSuccessfully);
        Assert.True(journal.WaitForFlushAsync(second, stop).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_was_appended_is_flushed_after_the_interval_and_nothing_is_where_nothing_was()
    {
        using var folder = new TempFolder();
        using var slowFolder = new TempFolder();
        using var idleFolder = new TempFolder();
        var (disk, slowDisk, idleDisk) = (new TestDisk(), new TestDisk(), new TestDisk());
        await using var journal = Ledger.Open(folder, disk: disk);
        await using var slow = Ledger.Open(slowFolder, disk: slowDisk, flushMilliseconds: 600_000);
        await using var idle = Ledger.Open(idleFolder, disk: idleDisk);
        var position = slow.Append(Ledger.Hold(1));

        for (var i = 1; i <= 20; i++) // as many intervals for the idle one
        {
            journal.Append(Ledger.Hold(i));
            while (disk.Flushes < i)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        Assert.Equal((0, 0), (idleDisk.Flushes, slowDisk.Flushes));
        await slow.WaitForFlushAsync(position, TestContext.Current.CancellationToken); // who waits for it does not wait for the interval
        Assert.Equal(1, slowDisk.Flushes);
    }

    [Fact]
    public async Task A_failed_flush_is_told_to_those_who_wait_and_heals()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk { IsBroken = true };
        await using var journal = Ledger.Open(folder, disk: disk);
        var stop = TestContext.Current.CancellationToken;
        var position = journal.Append(Ledger.Hold(1));

        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.WaitForFlushAsync(position, stop).AsTask());

        Assert.Contains("Input/output error", failure.Message, StringComparison.Ordinal);
        Assert.False(journal.CanAppend);
        Assert.Contains("Input/output error", journal.Health.Reason, StringComparison.Ordinal);

        disk.IsBroken = false;
        while (!journal.CanAppend)
        {
            stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.True(journal.WaitForFlushAsync(position, stop).AsTask().IsCompletedSuccessfully);
    }

    /// <summary>What is in the journal is charged: who appended it must not take its flush for a refusal.</summary>
    [Fact]
    public async Task What_is_waited_for_while_the_journal_closes_is_on_disk_with_the_last_flush()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk();
        var journal = Ledger.Open(folder, disk: disk);
        disk.Passage.Reset();
        var position = journal.Append(Ledger.Hold(1));
        var closing = journal.DisposeAsync().AsTask();

        try
        {
            var durable = journal.WaitForFlushAsync(position, TestContext.Current.CancellationToken).AsTask();
            Assert.False(durable.IsCompleted);
            disk.Passage.Set();
            await durable;
        }
        finally
        {
            disk.Passage.Set();
            await closing;
        }
    }

    [Fact]
    public async Task A_last_flush_that_failed_is_told_to_those_who_wait_and_not_thrown_at_them()
    {
        using var folder = new TempFolder();
        var journal = Ledger.Open(folder, disk: new TestDisk { IsBroken = true });
        var position = journal.Append(Ledger.Hold(1));
        await journal.DisposeAsync();

        var durable = journal.WaitForFlushAsync(position, TestContext.Current.CancellationToken);

        Assert.Contains("Input/output error", (await Assert.ThrowsAsync<JournalUnavailableException>(durable.AsTask)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flush_that_does_not_end_refuses_new_requests_until_it_does()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk();
        var clock = new FakeTimeProvider();
        await using var journal = Ledger.Open(folder, disk: disk, clock: clock);
        var stop = TestContext.Current.CancellationToken;
        disk.Passage.Reset();
        var durable = journal.WaitForFlushAsync(journal.Append(Ledger.Hold(1)), stop).AsTask();

        await UntilAsync(() => !journal.CanAppend);
        Assert.Contains("has not taken a flush", journal.Health.Reason, StringComparison.Ordinal);
        Assert.False(durable.IsCompleted);

        disk.Passage.Set();
        await durable;
        await UntilAsync(() => journal.CanAppend);

        async Task UntilAsync(Func<bool> holds)
        {
            while (!holds())
            {
                stop.ThrowIfCancellationRequested();
                clock.Advance(Interval);
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task A_real_disk_flushes_across_segments()
    {
        using var folder = new TempFolder();
        var options = new JournalOptions { SegmentBytes = 65_536 };
        await using var journal = UsageJournal.Open(folder.Path, options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var stop = TestContext.Current.CancellationToken;
        for (var i = 0; i < 5_000; i++)
            journal.Append(Ledger.Hold(i));

        await journal.WaitForFlushAsync(journal.Append(Ledger.Hold(5_000)), stop);

        Assert.Equal(5_001, Ledger.ReadAll(journal).Count);
        Assert.All(folder.Segments(), file => Assert.Equal(65_536, new FileInfo(file).Length));
    }
}
