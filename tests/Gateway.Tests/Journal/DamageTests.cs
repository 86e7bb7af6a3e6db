using CsCheck;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

public sealed class DamageTests
{
    [Fact]
    public async Task A_file_cut_anywhere_yields_the_records_before_the_cut_and_invents_none()
    {
        using var folder = new TempFolder();
        var (ends, whole) = await WriteAsync(folder);
        var file = folder.Segments()[0];

        for (var cut = ends[^1] + 40; cut >= 0; cut--)
        {
            File.WriteAllBytes(file, whole[..cut]);

            var (records, damages) = Ledger.ReadFolder(folder.Path);

            Assert.Equal(Descriptions().Take(ends.Count(end => end <= cut)), records);
            if (cut < SegmentHeader.Bytes)
                Assert.Equal(new JournalPosition(1, 0), Assert.Single(damages).Position);
        }
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public async Task A_byte_flipped_anywhere_is_reported_or_lies_in_unused_space(int flip)
    {
        using var folder = new TempFolder();
        var (ends, whole) = await WriteAsync(folder);
        var file = folder.Segments()[0];
        var reported = 0;

        for (var i = 0; i < ends[^1] + 40; i++)
        {
            whole[i] ^= (byte)flip;
            File.WriteAllBytes(file, whole);
            whole[i] ^= (byte)flip;

            var (records, damages) = Ledger.ReadFolder(folder.Path);

            Assert.Empty(records.Except(Descriptions()));
            Assert.True(damages.Count > 0 || records.SequenceEqual(Descriptions()), $"Byte {i} was lost silently.");
            reported += Math.Min(damages.Count, 1);
        }

        // All but the padding between records.
        Assert.InRange(reported, ends[^1] - (16 * ends.Count), ends[^1] + 40);
    }

    [Fact]
    public async Task Arbitrary_bytes_over_a_journal_never_make_a_wrong_record()
    {
        using var folder = new TempFolder();
        var (ends, whole) = await WriteAsync(folder);
        var file = folder.Segments()[0];

        Gen.Select(Gen.Int[0, ends[^1]], Gen.Byte.Array[1, 300]).Sample(
            (at, noise) =>
            {
                var bytes = whole[..];
                noise.CopyTo(bytes, at);
                File.WriteAllBytes(file, bytes);

                var (records, damages) = Ledger.ReadFolder(folder.Path);

                Assert.Empty(records.Except(Descriptions()));
                Assert.True(damages.Count > 0 || records.SequenceEqual(Descriptions()));
            },
            threads: 1,
            iter: 2_000);
    }

    [Fact]
    public async Task Holes_of_any_number_and_place_are_stepped_over()
    {
        using var folder = new TempFolder();
        await using (var journal = Ledger.Open(folder))
        {
            for (var i = 0; i < 40; i++)
                journal.Append(Ledger.Hold(i));
        }

        var file = folder.Segments()[0];
        var whole = File.ReadAllBytes(file);

        // How much of each record a dying process had copied: nothing up to all of it, but never the header word. 64: it was published.
        Gen.Int[0, 64].Array[40].Sample(
            copied =>
            {
                var bytes = whole[..];
                for (var i = 0; i < copied.Length; i++)
                {
                    var record = bytes.AsSpan(SegmentHeader.Bytes + (i * 64), 64);
                    if (copied[i] == 64)
                        continue;
                    record[..8].Clear();
                    record[Math.Max(8, copied[i])..].Clear();
                }

                File.WriteAllBytes(file, bytes);
                var damage = new DamageLog(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
                using var directory = SegmentDirectory.OpenReadOnly(folder.Path, damage, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
                using var reader = new JournalReader(directory, damage, appended: null, default);
                Assert.Equal(Enumerable.Range(0, 40).Where(i => copied[i] == 64).Select(i => (long)i), Ledger.DrainHolds(reader));
                Assert.Equal(0, damage.Corrupt);
            },
            threads: 1,
            iter: 1_000);
    }

    private static IEnumerable<string> Descriptions() => Some.OfEachType().Select(Ledger.Describe);

    /// <summary>Each record's end without its padding, and the file.</summary>
    private static async Task<(List<int> Ends, byte[] Whole)> WriteAsync(TempFolder folder)
    {
        var ends = new List<int>();
        await using (var journal = Ledger.Open(folder, segmentBytes: 4096))
        {
            foreach (var record in Some.OfEachType())
                Ledger.Append(journal, record);
            using var reader = journal.ReadFrom(default);
            while (reader.TryRead(out var entry))
                ends.Add(entry.Position.Offset + RecordFrame.HeaderBytes + entry.Payload.Length);
        }

        return (ends, File.ReadAllBytes(Assert.Single(folder.Segments())));
    }
}
