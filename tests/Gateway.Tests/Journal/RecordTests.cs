using CsCheck;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;

namespace Gateway.Tests.Journal;

public sealed class RecordTests
{
    [Fact]
    public async Task Every_record_is_read_as_it_was_written()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 1024 * 1024);

        Some.Record.Sample(
            record =>
            {
                var position = Ledger.Append(journal, record);
                using var reader = journal.ReadFrom(position);
                Assert.True(reader.TryRead(out var entry));
                Assert.Equal(position, entry.Position);
                Assert.Equal(Ledger.Describe(record), Ledger.Describe(Ledger.Read(entry)));
                Assert.False(reader.TryRead(out _));
            },
            threads: 1,
            iter: 2_000);
    }

    [Fact]
    public async Task A_value_that_does_not_fit_the_format_is_refused_before_space_is_claimed()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder);
        var before = journal.Tail;
        var reason = "The event was refused.";

        Assert.Throws<ArgumentException>(() => journal.Append(new EventQuarantined(Guid.Empty, 0, 400, new string('x', 1025))));
        Assert.Throws<ArgumentException>(() => journal.Append(new EventQuarantined(Guid.Empty, 0, 400, new string('漢', 342))));
        Assert.ThrowsAny<ArgumentException>(() => journal.Append(new EventQuarantined(Guid.Empty, 0, 400, "\ud800")));
        Assert.Throws<ArgumentNullException>(() => journal.Append(new EventQuarantined(Guid.Empty, 0, 400, null!)));
        Assert.Throws<ArgumentException>(() => journal.Append(Settlement(charges: 256, reason: "")));

        Assert.Equal(before, journal.Tail);
        journal.Append(new EventQuarantined(Guid.Empty, 0, 400, reason));
        Assert.Contains(reason, Assert.Single(Ledger.ReadAll(journal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_more_than_a_quarter_of_a_segment_is_refused()
    {
        using var folder = new TempFolder();
        await using var journal = Ledger.Open(folder, segmentBytes: 65_536);

        var refusal = Assert.Throws<ArgumentException>(() => journal.Append(Settlement(charges: 20, new string('x', 1024))));

        Assert.Contains("quarter of a segment", refusal.Message, StringComparison.Ordinal);
        journal.Append(Settlement(charges: 10, new string('x', 1024)));
        Assert.Single(Ledger.ReadAll(journal));
    }

    [Fact]
    public void Positions_are_ordered_by_segment_then_offset()
    {
        Gen.Select(Gen.Long[0, 3], Gen.Int[0, 3], Gen.Long[0, 3], Gen.Int[0, 3]).Sample((segment, offset, otherSegment, otherOffset) =>
        {
            var (left, right) = (new JournalPosition(segment, offset), new JournalPosition(otherSegment, otherOffset));
            var order = (segment, offset).CompareTo((otherSegment, otherOffset));
            return left < right == order < 0 && left > right == order > 0 && left <= right == order <= 0 && left >= right == order >= 0;
        });
    }

    private static Settled Settlement(int charges, string reason) => new(new Settlement(
        Guid.Empty, default, new("cus_1"), "route", 200, 0, Enumerable.Repeat(new Charge(new("m"), reason, null, Guid.Empty, 1, default), charges).ToArray()));
}
