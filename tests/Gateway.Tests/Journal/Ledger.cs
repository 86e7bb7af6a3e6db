using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

/// <summary>Short ways to open, fill and read journals. A record is compared by its description, which shows every field.</summary>
internal static class Ledger
{
    public static UsageJournal Open(
        TempFolder folder, int segmentBytes = 65_536, long maxBytes = long.MaxValue, IJournalDisk? disk = null, FakeTimeProvider? clock = null, int flushMilliseconds = 1) =>
        UsageJournal.Open(
            folder.Path,
            new JournalOptions { SegmentBytes = segmentBytes, MaxBytes = maxBytes, FlushMilliseconds = flushMilliseconds },
            clock ?? new FakeTimeProvider(),
            NullLogger.Instance,
            disk ?? new TestDisk());

    public static HoldPlaced Hold(long number) => new(Guid.Empty, Guid.Empty, number);

    public static JournalPosition Append(UsageJournal journal, object record) => record switch
    {
        NodeStarted value => journal.Append(value),
        LeaseTaken value => journal.Append(value),
        LeaseReturned value => journal.Append(value),
        HoldPlaced value => journal.Append(value),
        Settled value => journal.Append(value),
        Shipped value => journal.Append(value),
        EventQuarantined value => journal.Append(value),
        CarrySnapshot value => journal.Append(value),
        HoldReleased value => journal.Append(value),
        BatchFormed value => journal.Append(value),
        BatchAcknowledged value => journal.Append(value),
        EventDeferred value => journal.Append(value),
        DeferredDecided value => journal.Append(value),
        SegmentSealed value => journal.Append(value),
        _ => throw new ArgumentException($"{record.GetType()} is no record."),
    };

    public static object Read(in JournalEntry entry) => entry.Type switch
    {
        RecordType.NodeStarted => entry.Read<NodeStarted>(),
        RecordType.LeaseTaken => entry.Read<LeaseTaken>(),
        RecordType.LeaseReturned => entry.Read<LeaseReturned>(),
        RecordType.HoldPlaced => entry.Read<HoldPlaced>(),
        RecordType.Settled or RecordType.SettledWide => entry.Read<Settled>(),
        RecordType.Shipped => entry.Read<Shipped>(),
        RecordType.EventQuarantined => entry.Read<EventQuarantined>(),
        RecordType.CarrySnapshot => entry.Read<CarrySnapshot>(),
        RecordType.HoldReleased => entry.Read<HoldReleased>(),
        RecordType.BatchFormed => entry.Read<BatchFormed>(),
        RecordType.BatchAcknowledged => entry.Read<BatchAcknowledged>(),
        RecordType.EventDeferred => entry.Read<EventDeferred>(),
        RecordType.DeferredDecided => entry.Read<DeferredDecided>(),
        RecordType.SegmentSealed => entry.Read<SegmentSealed>(),
        _ => throw new InvalidDataException($"Unknown type {entry.Type}."),
    };

    public static string Describe(object record) =>
        record is Settled settled ? $"{settled} {string.Join(' ', settled.Settlement.Charges.ToArray())}" : record.ToString()!;

    public static List<string> Drain(JournalReader reader)
    {
        var found = new List<string>();
        while (reader.TryRead(out var entry))
            found.Add(Describe(Read(entry)));
        return found;
    }

    public static List<long> DrainHolds(JournalReader reader)
    {
        var found = new List<long>();
        while (reader.TryRead(out var entry))
            found.Add(entry.Read<HoldPlaced>().Units);
        return found;
    }

    public static List<string> ReadAll(UsageJournal journal)
    {
        using var reader = journal.ReadFrom(default);
        return Drain(reader);
    }

    /// <summary>Reads a folder as a tool would, without changing it.</summary>
    public static (List<string> Records, IReadOnlyList<JournalDamage> Damages) ReadFolder(string path)
    {
        var damage = new DamageLog(NullLogger.Instance);
        using var directory = SegmentDirectory.OpenReadOnly(path, damage, NullLogger.Instance);
        using var reader = new JournalReader(directory, damage, appended: null, default);
        return (Drain(reader), damage.Damages);
    }
}
