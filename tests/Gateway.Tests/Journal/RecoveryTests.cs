using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Tests.Journal;

public sealed class RecoveryTests
{
    [Fact]
    public async Task What_was_appended_before_dispose_is_read_after_it()
    {
        using var folder = new TempFolder();
        for (var run = 0; run < 5; run++)
        {
            await using var journal = Ledger.Open(folder, segmentBytes: 4096);
            Assert.Equal(run * 100, Ledger.ReadAll(journal).Count);
            for (var i = 0; i < 100; i++)
                journal.Append(Ledger.Hold((run * 100) + i));
        }

        await using var last = Ledger.Open(folder, segmentBytes: 4096);
        using var reader = last.ReadFrom(default);
        Assert.Equal(Enumerable.Range(0, 500).Select(n => (long)n), Ledger.DrainHolds(reader));
        Assert.Equal(new JournalHealth(true, null, 0, 0), last.Health);
    }

    [Fact]
    public async Task What_was_appended_before_a_crash_is_read_after_it()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 4096);
        for (var i = 0; i < 300; i++)
        {
            journal.Append(Ledger.Hold(i));
            if (i % 20 != 0)
                continue;

            using var crashed = folder.Crash();
            await using var reopened = Ledger.Open(crashed, segmentBytes: 4096);
            using var reader = reopened.ReadFrom(default);
            Assert.Equal(i, Ledger.DrainHolds(reader)[^1]);
            Assert.True(reopened.Append(Ledger.Hold(i + 1)).Segment > journal.Tail.Segment);
            Assert.Equal(i + 1, Assert.Single(Ledger.DrainHolds(reader)));
            Assert.Equal(0, reopened.Health.TornRecords + reopened.Health.CorruptRecords);
        }
    }

    [Fact]
    public async Task What_a_killed_run_had_not_flushed_is_on_disk_when_the_next_has_the_journal_open()
    {
        using var folder = new TempFolder();
        await using var killed = Ledger.Open(folder, segmentBytes: 4096, flushMilliseconds: 600_000);
        for (var i = 0; i < 300; i++)
            killed.Append(Ledger.Hold(i));
        using var left = folder.Crash();
        var disk = new FaultyDisk([]);
        await using var next = Ledger.Open(left, segmentBytes: 4096, disk: disk);

        using var afterPowerLoss = disk.AfterPowerLoss(left);

        await using var last = Ledger.Open(afterPowerLoss, segmentBytes: 4096);
        using var reader = last.ReadFrom(default);
        Assert.Equal(Enumerable.Range(0, 300).Select(n => (long)n), Ledger.DrainHolds(reader));
    }

    [Theory]
    [InlineData(3, 1)] // of four segments with records
    [InlineData(1, 3)]
    [InlineData(99, 4)] // of another journal, that was here before
    public async Task What_is_sealed_was_on_disk_before_and_is_not_flushed_again(long sealedThrough, int flushes)
    {
        using var folder = new TempFolder();
        await using (var before = Ledger.Open(folder, segmentBytes: 4096))
        {
            while (before.Tail.Segment < 4)
                before.Append(Ledger.Hold(1));
        }

        new ChainHead(sealedThrough, "").Write(folder.Path);
        var disk = new TestDisk();
        await using var next = Ledger.Open(folder, segmentBytes: 4096, disk: disk);

        Assert.Equal(flushes, disk.Flushes);
    }

    [Fact]
    public async Task What_a_killed_run_left_and_the_disk_does_not_take_is_not_built_upon()
    {
        using var folder = new TempFolder();
        await using (var before = Ledger.Open(folder))
            before.Append(Ledger.Hold(1));

        Assert.Throws<JournalUnavailableException>(() => Ledger.Open(folder, disk: new TestDisk { IsBroken = true }));

        await using var next = Ledger.Open(folder);
        Assert.Single(Ledger.ReadAll(next));
    }

    [Fact]
    public async Task Restarts_leave_no_empty_segments_and_no_unused_space()
    {
        using var folder = new TempFolder();
        for (var run = 0; run < 5; run++)
        {
            await using var idle = Ledger.Open(folder);
            Assert.Equal(new JournalPosition(1, SegmentHeader.Bytes), idle.Tail);
        }

        await using (var used = Ledger.Open(folder))
            used.Append(Ledger.Hold(1));
        var unfinished = Path.Combine(folder.Path, "00000002.journal.new");
        File.WriteAllBytes(unfinished, new byte[100]);
        await using var journal = Ledger.Open(folder);
        Assert.False(File.Exists(unfinished));
        Assert.Equal(4096 + 65_536, journal.BytesOnDisk);
        Assert.Equal(journal.BytesOnDisk, folder.Segments().Sum(file => new FileInfo(file).Length));
    }

    [Theory]
    [InlineData(12, "claimed only")]
    [InlineData(40, "half copied")]
    public async Task A_record_that_was_never_published_is_stepped_over(int written, string _)
    {
        using var folder = new TempFolder();
        await FillAsync(folder, 10);
        Edit(folder, bytes =>
        {
            // Records 3 and 4 of 64 bytes each; a payload is copied before the header word that publishes it.
            bytes.AsSpan(Offset(3), 128).Clear();
            bytes.AsSpan(Offset(4) + 12, written - 12).Fill(0xAB);
        });

        await using var journal = Ledger.Open(folder);
        using var reader = journal.ReadFrom(default);

        Assert.Equal([0, 1, 2, 5, 6, 7, 8, 9], Ledger.DrainHolds(reader));
        var damage = Assert.Single(journal.Damages);
        Assert.Equal((DamageKind.Torn, new JournalPosition(1, Offset(3))), (damage.Kind, damage.Position));
        Assert.Equal((0, 1), (journal.Health.CorruptRecords, journal.Health.TornRecords));
    }

    [Fact]
    public async Task A_record_that_was_changed_is_named_once_and_its_file_is_kept()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, 10);
        Edit(folder, bytes => bytes[Offset(3) + 30] ^= 1);

        await using var journal = Ledger.Open(folder);
        for (var i = 0; i < 3; i++)
        {
            using var reader = journal.ReadFrom(default);
            Assert.Equal([0, 1, 2, 4, 5, 6, 7, 8, 9], Ledger.DrainHolds(reader));
        }

        var damage = Assert.Single(journal.Damages);
        Assert.Equal((DamageKind.Corrupt, new JournalPosition(1, Offset(3))), (damage.Kind, damage.Position));
        Assert.EndsWith("00000001.journal", damage.File, StringComparison.Ordinal);
        Assert.Equal(1, journal.Health.CorruptRecords);
        journal.DeleteBefore(journal.Tail);
        Assert.Single(Directory.GetFiles(folder.Path, "00000001.journal.damaged"));
    }

    [Fact]
    public async Task A_record_copied_to_another_place_or_file_is_never_read()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, 4);
        await FillAsync(folder, 4);
        var (first, second) = (folder.Segments()[0], folder.Segments()[1]);
        var bytes = File.ReadAllBytes(first);
        bytes.AsSpan(Offset(0), 64).CopyTo(bytes.AsSpan(Offset(6)));
        File.ReadAllBytes(second).AsSpan(Offset(2), 64).CopyTo(bytes.AsSpan(Offset(2)));
        File.WriteAllBytes(first, bytes);

        var (records, damages) = Ledger.ReadFolder(folder.Path);

        Assert.Equal(3 + 4, records.Count);
        Assert.Equal(2, damages.Count);
    }

    [Fact]
    public async Task A_version_of_the_future_is_refused_by_name()
    {
        using var folder = new TempFolder();
        await FillAsync(folder, 1);
        Edit(folder, bytes =>
        {
            Assert.True(SegmentHeader.TryRead(bytes, out var header));
            (header with { Version = 2 }).Write(bytes);
        });

        var refusal = Assert.Throws<InvalidDataException>(() => Ledger.Open(folder));

        Assert.Contains("00000001.journal' has format version 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_with_a_damaged_header_a_missing_one_and_a_renamed_one_are_reported()
    {
        using var folder = new TempFolder();
        for (var run = 0; run < 5; run++)
            await FillAsync(folder, 2);
        var files = folder.Segments();
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..30]);
        File.Delete(files[2]);
        File.Copy(files[3], files[3].Replace("00000004", "00000006", StringComparison.Ordinal));

        await using var journal = Ledger.Open(folder);

        Assert.Equal(6, Ledger.ReadAll(journal).Count);
        Assert.Equal([1, 4, 6], journal.Damages.Select(damage => damage.Position.Segment));
        Assert.Equal(7, journal.Tail.Segment);
    }

    [Fact]
    public async Task A_last_record_that_ends_in_zeros_behind_a_page_is_not_cut_off_with_the_unused_rest()
    {
        using var folder = new TempFolder();
        await using (var journal = Ledger.Open(folder))
        {
            for (var i = 0; i < 62; i++) journal.Append(Ledger.Hold(i)); // 64 bytes each, behind a header of 64
            journal.Append(new BatchAcknowledged(4));
            journal.Append(new DeferredDecided(""));
            var last = journal.Append(new BatchAcknowledged(5));
            Assert.Equal(4096 - 16, last.Offset); // its payload's last non-zero byte is the page's
        }

        await using var reopened = Ledger.Open(folder);

        Assert.Equal(65, Ledger.ReadAll(reopened).Count);
        Assert.Equal(0, reopened.Health.CorruptRecords);
    }

    [Fact]
    public async Task A_second_opener_is_told_to_keep_out()
    {
        using var folder = new TempFolder();
        var journal = Ledger.Open(folder);

        var refusal = Assert.Throws<JournalUnavailableException>(() => Ledger.Open(folder));

        Assert.Contains("in use by another process", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Gateway:DataDirectory", refusal.Message, StringComparison.Ordinal);
        await journal.DisposeAsync();
        await Ledger.Open(folder).DisposeAsync();
    }

    private static int Offset(int record) => SegmentHeader.Bytes + (record * 64);

    private static async Task FillAsync(TempFolder folder, int records)
    {
        await using var journal = Ledger.Open(folder);
        for (var i = 0; i < records; i++)
            Assert.Equal(Offset(i), journal.Append(Ledger.Hold(i)).Offset);
    }

    private static void Edit(TempFolder folder, Action<byte[]> change)
    {
        var file = folder.Segments()[0];
        var bytes = File.ReadAllBytes(file);
        change(bytes);
        File.WriteAllBytes(file, bytes);
    }
}
