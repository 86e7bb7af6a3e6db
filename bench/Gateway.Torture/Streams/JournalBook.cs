using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Torture.Streams;

/// <summary>All that a stopped gateway's journal says of holds, leases and charges.</summary>
internal sealed class JournalBook
{
    private readonly Dictionary<Guid, long> _held = [];
    private readonly HashSet<Guid> _released = [];
    private readonly Dictionary<Guid, Settlement> _settled = [];
    private readonly Dictionary<Guid, LeaseTaken> _leases = [];

    private JournalBook()
    {
    }

    public IReadOnlyDictionary<Guid, Settlement> Settled => _settled;

    /// <summary>Ids that were settled a second time.</summary>
    public int Doubled { get; private set; }

    /// <summary>Ids that held something, were not settled and gave nothing back.</summary>
    public int Open => _held.Keys.Count(id => !_settled.ContainsKey(id) && !_released.Contains(id));

    /// <summary>Leases of which more was charged than taken, and charges without a lease.</summary>
    public int Overspent
    {
        get
        {
            var charged = Charges().ToLookup(c => c.LeaseId);
            return charged.Count(lease => !_leases.TryGetValue(lease.Key, out var taken) || lease.Sum(c => c.Units) > taken.Units || lease.Count() > taken.Uses);
        }
    }

    public static JournalBook Read(string folder)
    {
        var book = new JournalBook();
        var damage = new DamageLog(NullLogger.Instance);
        using var directory = SegmentDirectory.OpenReadOnly(folder, damage, NullLogger.Instance);
        using var reader = new JournalReader(directory, damage, appended: null, from: default);
        while (reader.TryRead(out var entry))
        {
            if (entry.IsSettled) book.Note(entry.Read<Settled>().Settlement);
            else if (entry.Type == RecordType.HoldPlaced) book.Note(entry.Read<HoldPlaced>());
            else if (entry.Type == RecordType.HoldReleased) book._released.Add(entry.Read<HoldReleased>().RequestId);
            else if (entry.Type == RecordType.LeaseTaken) book.Note(entry.Read<LeaseTaken>());
        }

        return damage.Corrupt == 0 ? book : throw new InvalidDataException("The journal is damaged.");
    }

    public IEnumerable<Charge> Charges() => _settled.Values.SelectMany(s => s.Charges.ToArray());

    /// <summary>The parts of a request that were charged while it ran, in their order.</summary>
    public IEnumerable<Settlement> SlicesOf(Guid requestId)
    {
        for (var number = 1; _settled.TryGetValue(SliceId.Of(requestId, number), out var slice); number++) yield return slice;
    }

    /// <summary>Units that were set aside for a settlement, on all its meters.</summary>
    public long HeldFor(Guid id) => _held.GetValueOrDefault(id);

    public static long Units(in Settlement settlement, string metric)
    {
        var units = 0L;
        foreach (ref readonly var charge in settlement.Charges.Span) units += charge.BillableMetricId == metric ? charge.Units : 0;
        return units;
    }

    private void Note(in Settlement settlement)
    {
        if (!_settled.TryAdd(settlement.RequestId, settlement)) Doubled++;
    }

    private void Note(in HoldPlaced hold) => _held[hold.RequestId] = HeldFor(hold.RequestId) + hold.Units;

    private void Note(in LeaseTaken lease) => _leases[lease.LeaseId] = lease;
}
