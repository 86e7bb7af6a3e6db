using CsCheck;
using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

public sealed class AuditTests : IDisposable
{
    private const int SegmentBytes = 4096;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_journal_that_nobody_touched_is_whole_and_names_its_head()
    {
        var last = await WriteAsync(segments: 4);

        var audit = Audit();

        Assert.Empty(audit.Problems);
        Assert.Equal((1, 5, 4), (audit.First, audit.Last, audit.Head?.Segment));
        Assert.Equal(last, audit.Head);
        Assert.Equal(4, audit.Records[RecordType.SegmentSealed]);
        Assert.Empty(Audit(expectedSeal: last.Previous).Problems);
    }

    [Fact]
    public async Task Any_byte_changed_in_a_sealed_segment_is_found()
    {
        await WriteAsync(segments: 3);
        var files = _folder.Segments()[..3];
        var whole = files.Select(File.ReadAllBytes).ToArray();

        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, SegmentBytes - 1], Gen.Byte[1, 255]).Sample(
            (file, at, flip) =>
            {
                var bytes = whole[file][..];
                bytes[at] ^= flip;
                File.WriteAllBytes(files[file], bytes);
                try
                {
                    Assert.NotEmpty(Audit().Problems);
                }
                finally
                {
                    File.WriteAllBytes(files[file], whole[file]);
                }
            },
            threads: 1,
            iter: 1_000);
        Assert.Empty(Audit().Problems);
    }

    [Fact]
    public async Task Any_segment_that_is_missing_is_found_except_old_ones_that_were_let_go()
    {
        await WriteAsync(segments: 5);
        var files = _folder.Segments()[..6]; // without the empty one that is kept ready
        foreach (var file in files[1..])
        {
            File.Move(file, file + ".away");
            Assert.NotEmpty(Audit().Problems);
            File.Move(file + ".away", file);
        }

        File.Delete(files[0]);
        Assert.Empty(Audit().Problems);
        foreach (var newest in new[] { files[^1], files[^2], files[^3] })
        {
            File.Delete(newest);
            Assert.Contains(Audit().Problems, p => p.Contains("newest segments are missing", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_journal_that_was_made_anew_as_a_whole_does_not_have_the_seal_that_was_noted()
    {
        var noted = await WriteAsync(segments: 2);
        foreach (var file in Directory.GetFiles(_folder.Path)) File.Delete(file);
        await WriteAsync(segments: 2);

        Assert.Empty(Audit().Problems);
        Assert.Contains(noted.Seal, Assert.Single(Audit(expectedSeal: noted.Seal).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chain_goes_on_over_crashes_and_what_they_cut_off()
    {
        await WriteAsync(segments: 2);
        using var first = _folder.Crash();
        File.Copy(Path.Combine(_folder.Path, "chain-head"), Path.Combine(first.Path, "chain-head"));
        await WriteAsync(segments: 2, first);
        using var second = first.Crash(); // the head's file is gone too
        await WriteAsync(segments: 1, second);

        var audit = JournalAudit.Of(second.Path, expectedSeal: null, static _ => { }, TestContext.Current.CancellationToken);

        Assert.Empty(audit.Problems);
        Assert.InRange(audit.Last - audit.Head!.Value.Segment, 1, 2);
    }

    [Fact]
    public async Task The_audit_of_a_journal_that_is_being_written_finds_nothing_wrong()
    {
        var clock = new FakeTimeProvider();
        await using var journal = Ledger.Open(_folder, SegmentBytes, clock: clock);
        await FillAsync(journal, clock, segments: 3);
        journal.Append(Ledger.Hold(1));

        Assert.Empty(Audit().Problems);
    }

    [Fact]
    public async Task A_segment_that_is_sealed_while_the_audit_reads_is_not_missed()
    {
        var head = await WriteAsync(segments: 3);

        var audit = JournalAudit.Of(
            _folder.Path, expectedSeal: null, _ => new ChainHead(head.Segment + 1, "made meanwhile").Write(_folder.Path), TestContext.Current.CancellationToken);

        Assert.Empty(audit.Problems);
    }

    [Fact]
    public async Task A_tool_reads_on_where_the_gateway_has_deleted_the_oldest_segments_meanwhile()
    {
        await WriteAsync(segments: 3);
        var damage = new DamageLog(NullLogger.Instance);
        using var directory = SegmentDirectory.OpenReadOnly(_folder.Path, damage, NullLogger.Instance);
        using var reader = new JournalReader(directory, damage, appended: null, from: default);
        File.Delete(Path.Combine(_folder.Path, "00000001.journal"));

        Assert.True(reader.TryRead(out var entry));

        Assert.Equal(2, entry.Position.Segment);
        Assert.Empty(damage.Damages);
    }

    [Fact]
    public async Task A_seal_that_could_not_be_flushed_is_not_appended_again()
    {
        var clock = new FakeTimeProvider();
        var disk = new TestDisk();
        await using (var journal = Ledger.Open(_folder, SegmentBytes, disk: disk, clock: clock))
        {
            using var sealer = await FillToSealAsync(journal, clock);
            disk.IsBroken = true;
            for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<JournalUnavailableException>(() => sealer.SealAsync(TestContext.Current.CancellationToken));
            disk.IsBroken = false;
            await sealer.SealAsync(TestContext.Current.CancellationToken);
            Assert.Equal(2, sealer.Next);
        }

        var audit = Audit();
        Assert.Empty(audit.Problems);
        Assert.Equal(1, audit.Records[RecordType.SegmentSealed]);
    }

    [Fact]
    public async Task A_seal_whose_head_could_not_be_written_is_not_appended_again()
    {
        var clock = new FakeTimeProvider();
        await using (var journal = Ledger.Open(_folder, SegmentBytes, clock: clock))
        {
            using var sealer = await FillToSealAsync(journal, clock);
            var inTheWay = Directory.CreateDirectory(Path.Combine(_folder.Path, "chain-head.new"));
            for (var i = 0; i < 3; i++) await Assert.ThrowsAnyAsync<SystemException>(() => sealer.SealAsync(TestContext.Current.CancellationToken));
            inTheWay.Delete();
            await sealer.SealAsync(TestContext.Current.CancellationToken);
            Assert.Equal(2, sealer.Next);
        }

        var audit = Audit();
        Assert.Empty(audit.Problems);
        Assert.Equal(1, audit.Records[RecordType.SegmentSealed]);
        Assert.Equal(audit.Head?.Seal, ChainHead.Read(_folder.Path)?.Seal);
    }

    [Fact]
    public async Task A_seal_that_a_journal_has_twice_is_one_and_another_seal_of_the_same_segment_is_found()
    {
        var seal = await WriteAsync(segments: 2);
        await AppendAsync(seal);

        Assert.Empty(Audit().Problems);
        Assert.Equal(3, Audit().Records[RecordType.SegmentSealed]);

        await AppendAsync(seal with { Seal = seal.Previous });
        Assert.Contains("The chain goes from segment 2 to segment 2.", Audit().Problems);
    }

    private async Task AppendAsync(SegmentSealed seal)
    {
        await using var journal = Ledger.Open(_folder, SegmentBytes);
        journal.Append(seal);
    }

    /// <summary>A segment that can be sealed at once, and who seals it.</summary>
    private static async Task<SegmentSealer> FillToSealAsync(UsageJournal journal, FakeTimeProvider clock)
    {
        var sealer = new SegmentSealer(journal, clock, NullLogger<SegmentSealer>.Instance);
        sealer.GoOnFrom(last: null);
        while (journal.Tail.Segment == 1) journal.Append(Ledger.Hold(1));
        while (journal.CompleteBefore == 1)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return sealer;
    }

    private JournalAudit Audit(string? expectedSeal = null) =>
        JournalAudit.Of(_folder.Path, expectedSeal, static _ => { }, TestContext.Current.CancellationToken);

    private Task<SegmentSealed> WriteAsync(int segments) => WriteAsync(segments, _folder);

    private static async Task<SegmentSealed> WriteAsync(int segments, TempFolder folder)
    {
        var clock = new FakeTimeProvider();
        await using var journal = Ledger.Open(folder, SegmentBytes, clock: clock);
        return await FillAsync(journal, clock, segments);
    }

    /// <summary>Fills and seals so many segments more, and returns the last seal.</summary>
    private static async Task<SegmentSealed> FillAsync(UsageJournal journal, FakeTimeProvider clock, int segments)
    {
        using var sealer = new SegmentSealer(journal, clock, NullLogger<SegmentSealer>.Instance);
        sealer.GoOnFrom(LastSeal(journal));
        var until = journal.Tail.Segment + segments;
        while (journal.Tail.Segment < until) journal.Append(Ledger.Hold(Random.Shared.Next()));
        while (sealer.Next < until)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var sealing = sealer.SealAsync(TestContext.Current.CancellationToken);
            while (!sealing.IsCompleted) clock.Advance(TimeSpan.FromMilliseconds(20));
            await sealing;
            clock.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }

        return LastSeal(journal)!.Value;
    }

    private static SegmentSealed? LastSeal(UsageJournal journal)
    {
        SegmentSealed? last = null;
        using var reader = journal.ReadFrom(default);
        while (reader.TryRead(out var entry))
        {
            if (entry.Type == RecordType.SegmentSealed) last = entry.Read<SegmentSealed>();
        }

        return last;
    }
}
