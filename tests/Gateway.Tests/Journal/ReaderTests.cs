using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Tests.Journal;

public sealed class ReaderTests
{
    [Fact]
    public async Task A_waiting_reader_is_woken_by_an_append()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder);
        using var reader = journal.ReadFrom(journal.Tail);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.False(reader.TryRead(out _));
            var waiting = reader.WaitForDataAsync(TestContext.Current.CancellationToken);
            Assert.False(waiting.IsCompleted);
            journal.Append(Ledger.Hold(i));
            await waiting;
            Assert.True(reader.TryRead(out var entry));
            Assert.Equal(i, entry.Read<HoldPlaced>().Units);
        }
    }

    [Fact]
    public async Task A_wait_ends_with_its_token_or_with_the_journal()
    {
        using var folder = new TempFolder();
        var journal = Ledger.Open(folder);
        using var reader = journal.ReadFrom(default);
        using var cancel = new CancellationTokenSource();

        var cancelled = reader.WaitForDataAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var closed = reader.WaitForDataAsync(TestContext.Current.CancellationToken).AsTask();
        await journal.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed);
    }

    [Fact]
    public async Task Segments_are_deleted_under_a_reader_only_when_it_has_left_them()
    {
        using var folder = new TempFolder();
        var disk = new TestDisk();
        await using var journal = Ledger.Open(folder, segmentBytes: 4096, disk: disk);
        var last = default(JournalPosition);
        for (var i = 0; i < 500; i++)
            last = journal.Append(Ledger.Hold(i));
        await journal.WaitForFlushAsync(last, TestContext.Current.CancellationToken);
        using var reader = journal.ReadFrom(default);
        Assert.True(reader.TryRead(out var first));
        var bytes = journal.BytesOnDisk;

        journal.DeleteBefore(last);

        Assert.Equal(0, first.Read<HoldPlaced>().Units);
        Assert.Equal(last.Segment, journal.Start.Segment);
        Assert.True(journal.BytesOnDisk < bytes);
        var rest = Ledger.DrainHolds(reader);
        Assert.Equal(Enumerable.Range(1, rest.Count(units => units < 63)).Select(n => (long)n), rest.TakeWhile(units => units < 63));
        Assert.Equal(499, rest[^1]);
        Assert.DoesNotContain(folder.Segments(), file => file.EndsWith("00000001.journal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reading_from_a_deleted_position_starts_with_the_oldest_record_kept()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 4096);
        var positions = Enumerable.Range(0, 500).Select(i => journal.Append(Ledger.Hold(i))).ToList();
        journal.DeleteBefore(positions[300]);

        using var reader = journal.ReadFrom(positions[10]);

        var kept = Ledger.DrainHolds(reader);
        Assert.Equal(499, kept[^1]);
        Assert.Equal(positions.FindIndex(position => position.Segment == positions[300].Segment), kept[0]);
    }

    [Fact]
    public async Task Readers_and_deletions_may_run_beside_appends()
    {
        const int Records = 50_000;
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 16_384);
        var stop = TestContext.Current.CancellationToken;
        var following = Task.Run(
            async () =>
            {
                using var reader = journal.ReadFrom(default);
                var expected = 0L;
                while (expected < Records)
                {
                    while (Next(reader, expected, out var next))
                    {
                        if (++expected % 1_000 == 0)
                            journal.DeleteBefore(next);
                    }

                    if (expected < Records)
                        await reader.WaitForDataAsync(stop);
                }
            },
            stop);

        for (var i = 0; i < Records; i++)
            journal.Append(Ledger.Hold(i));

        await following;
        Assert.True(journal.Start.Segment > 100);
    }

    [Fact]
    public async Task A_position_that_no_record_can_have_is_refused()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder);

        Assert.Throws<ArgumentException>(() => journal.ReadFrom(new(1, 72)));
        Assert.Throws<ArgumentException>(() => journal.ReadFrom(new(1, -16)));
    }

    private static bool Next(JournalReader reader, long expected, out JournalPosition next)
    {
        next = default;
        if (!reader.TryRead(out var entry))
            return false;
        Assert.Equal(expected, entry.Read<HoldPlaced>().Units);
        next = entry.NextPosition;
        return true;
    }
}
