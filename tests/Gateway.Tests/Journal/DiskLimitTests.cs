using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

public sealed class DiskLimitTests
{
    private const int SegmentBytes = 8192;

    [Fact]
    public async Task At_its_limit_the_journal_refuses_new_requests_first_and_takes_them_again_when_space_is_given_back()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider();
        await using var journal = Ledger.Open(folder, SegmentBytes, maxBytes: 4 * SegmentBytes, clock: clock);

        var settled = AppendUntilRefused(journal, out var afterRefusal);

        Assert.InRange(afterRefusal * 64, SegmentBytes / 4, 2 * SegmentBytes);
        Assert.False(journal.CanAppend);
        Assert.Contains("Gateway:Journal:MaxBytes", journal.Health.Reason, StringComparison.Ordinal);
        Assert.InRange(journal.BytesOnDisk, 0, 4 * SegmentBytes);
        Assert.Equal(settled, Ledger.ReadAll(journal).Count);

        var tail = journal.Tail;
        journal.DeleteBefore(tail);
        await UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(20));
            return journal.CanAppend;
        });
        var next = journal.Append(Ledger.Hold(7));
        Assert.True(next >= tail);
        Assert.Null(journal.Health.Reason);
    }

    [Fact]
    public async Task When_requests_have_used_up_their_room_there_still_is_some_for_what_gives_space_back()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, SegmentBytes, maxBytes: 4 * SegmentBytes);
        AppendUntilRefused(journal, out _);
        Assert.Throws<JournalUnavailableException>(() => journal.Append(new Settled(new Settlement(Guid.NewGuid(), DateTimeOffset.UnixEpoch, new CustomerId("cus_1"), "submissions", 200, 1, default))));

        journal.Append(new LeaseReturned(Guid.NewGuid(), 1, 1));
        journal.Append(new BatchFormed(1, journal.Start, journal.Tail, 0));
        journal.Append(new BatchAcknowledged(1));

        Assert.Throws<JournalUnavailableException>(() => journal.Append(Ledger.Hold(1)));
    }

    [Fact]
    public async Task A_full_disk_is_noticed_ahead_of_need_and_tried_again_by_the_clock()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk();
        var clock = new FakeTimeProvider();
        await using var journal = Ledger.Open(folder, SegmentBytes, disk: disk, clock: clock);
        disk.IsFull = true;

        var settled = AppendUntilRefused(journal, out var afterRefusal);

        Assert.InRange(afterRefusal * 64, SegmentBytes / 4, 2 * SegmentBytes);
        Assert.Contains("No space left on device", journal.Health.Reason, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(journal.CanAppend);

        disk.IsFull = false;
        await UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return journal.CanAppend;
        });
        journal.Append(Ledger.Hold(7));
        Assert.Equal(settled + 1, Ledger.ReadAll(journal).Count);
    }

    [Fact]
    public async Task A_journal_beyond_its_limit_still_opens_so_that_it_can_be_shipped()
    {
        using var folder = new TempFolder();
        int settled;
        await using (var journal = Ledger.Open(folder, SegmentBytes, maxBytes: 2 * SegmentBytes))
            settled = AppendUntilRefused(journal, out _);

        await using var reopened = Ledger.Open(folder, SegmentBytes, maxBytes: 2 * SegmentBytes);
        Assert.Equal(settled, Ledger.ReadAll(reopened).Count);
        reopened.Append(Ledger.Hold(1));
    }

    [Fact]
    public void A_disk_too_full_for_the_first_segment_is_an_error_that_says_so()
    {
        using var folder = new TempFolder();

        var refusal = Assert.Throws<JournalUnavailableException>(() => Ledger.Open(folder, disk: new TestDisk { IsFull = true }));

        Assert.Contains("No space left on device", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.new"));
    }

    private static int AppendUntilRefused(UsageJournal journal, out int afterRefusal)
    {
        afterRefusal = 0;
        for (var appended = 0; ; appended++)
        {
            var canAppend = journal.CanAppend;
            try
            {
                journal.Append(Ledger.Hold(appended));
                afterRefusal = canAppend ? 0 : afterRefusal + 1;
            }
            catch (JournalUnavailableException)
            {
                Assert.False(canAppend);
                return appended;
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
