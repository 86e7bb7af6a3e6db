using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Shipping;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cli.Explain;

/// <summary>One settlement of the request that is looked for.</summary>
/// <param name="Kind"><c>request</c>, <c>slice 1</c> and so on, or <c>job</c>.</param>
internal sealed record FoundPart(string Kind, Settlement Settlement, JournalPosition Position)
{
    public BatchFormed? Batch { get; set; }

    public bool IsAcknowledged { get; set; }

    /// <summary>What its batch was made into.</summary>
    public IReadOnlyList<UsageEvent> Events { get; set; } = [];
}

/// <summary>Everything that a journal on disk says of one request. Opens it for reading only; a gateway may be appending to it.</summary>
internal sealed class ReceiptSearch
{
    /// <summary>How many slices are looked for.</summary>
    private const int MostSlices = 100_000;

    private readonly Dictionary<Guid, string> _wanted = [];
    private readonly Dictionary<Guid, LeaseTaken> _leases = [];
    private readonly HashSet<string> _deferred = new(StringComparer.Ordinal);

    private ReceiptSearch(Guid receipt, IEnumerable<Guid> jobs)
    {
        for (var number = 1; number <= MostSlices; number++) _wanted[SliceId.Of(receipt, number)] = $"slice {number}";
        foreach (var job in jobs) _wanted[job] = "job";
        _wanted[receipt] = "request";
    }

    public List<FoundPart> Parts { get; } = [];

    public List<(string Kind, HoldPlaced Hold)> Holds { get; } = [];

    /// <summary>What was set aside and went back without a charge.</summary>
    public HashSet<string> Released { get; } = [];

    public IReadOnlyDictionary<Guid, LeaseTaken> Leases => _leases;

    public long FirstSegment { get; private set; }

    public long LastSegment { get; private set; }

    public long Records { get; private set; }

    public DateTimeOffset? Oldest { get; private set; }

    public DateTimeOffset? Newest { get; private set; }

    public long Damaged { get; private set; }

    /// <summary>Whether its event was put off, and is not decided yet.</summary>
    public bool IsDeferred(string idempotencyKey) => _deferred.Contains(idempotencyKey);

    /// <exception cref="IOException">The folder can not be read, or segments were deleted while it was.</exception>
    public static ReceiptSearch In(string folder, Guid receipt, IEnumerable<Guid> jobs, Action<double> progress, CancellationToken cancellationToken)
    {
        var search = new ReceiptSearch(receipt, jobs);
        var damage = new DamageLog(NullLogger.Instance);
        using var directory = SegmentDirectory.OpenReadOnly(folder, damage, NullLogger.Instance);
        (search.FirstSegment, search.LastSegment) = (directory.FirstNumber, directory.EndNumber - 1);
        search.ReadAll(directory, damage, progress, cancellationToken);
        search.ReadLeases(directory, damage);
        foreach (var part in search.Parts.Where(p => p.Batch is not null)) part.Events = EventsOf(part, directory, damage);
        search.Damaged = damage.Corrupt;
        return search;
    }

    private void ReadAll(SegmentDirectory directory, DamageLog damage, Action<double> progress, CancellationToken cancellationToken)
    {
        using var reader = new JournalReader(directory, damage, appended: null, from: default);
        var segment = 0L;
        while (reader.TryRead(out var entry))
        {
            Records++;
            Read(entry);
            if (entry.Position.Segment == segment) continue;
            segment = entry.Position.Segment;
            cancellationToken.ThrowIfCancellationRequested();
            progress((double)(segment - FirstSegment) / (LastSegment - FirstSegment + 1));
        }
    }

    private void Read(in JournalEntry entry)
    {
        switch (entry.Type)
        {
            case RecordType.Settled or RecordType.SettledWide:
                var reader = new RecordReader(entry.Payload); // both begin so; the rest is read of the ones that are wanted
                var (id, at) = (reader.ReadGuid(), reader.ReadTime());
                Oldest = Oldest < at ? Oldest : at;
                Newest = Newest > at ? Newest : at;
                if (_wanted.TryGetValue(id, out var kind)) Parts.Add(new FoundPart(kind, entry.Read<Settled>().Settlement, entry.Position));
                break;
            case RecordType.HoldPlaced:
                if (_wanted.TryGetValue(new RecordReader(entry.Payload).ReadGuid(), out var holds)) Holds.Add((holds, entry.Read<HoldPlaced>()));
                break;
            case RecordType.HoldReleased:
                if (_wanted.TryGetValue(new RecordReader(entry.Payload).ReadGuid(), out var released)) Released.Add(released);
                break;
            case RecordType.BatchFormed when Parts.Count > 0: // a batch comes after what is in it
                var formed = entry.Read<BatchFormed>();
                foreach (var part in Parts.Where(p => p.Position >= formed.From && p.Position <= formed.Through)) part.Batch = formed;
                break;
            case RecordType.BatchAcknowledged when Parts.Count > 0:
                var number = entry.Read<BatchAcknowledged>().Number;
                foreach (var part in Parts.Where(p => p.Batch?.Number == number)) part.IsAcknowledged = true;
                break;
            case RecordType.Shipped when Parts.Count > 0:
                var through = entry.Read<Shipped>().Through;
                foreach (var part in Parts.Where(p => p.Position <= through)) part.IsAcknowledged = true;
                break;
            case RecordType.EventDeferred when Parts.Count > 0:
                _deferred.Add(entry.Read<EventDeferred>().Event.IdempotencyKey);
                break;
            case RecordType.DeferredDecided when _deferred.Count > 0:
                _deferred.Remove(entry.Read<DeferredDecided>().IdempotencyKey);
                break;
        }
    }

    /// <summary>Leases are taken before there is a charge: a second look, now that it is known which.</summary>
    private void ReadLeases(SegmentDirectory directory, DamageLog damage)
    {
        HashSet<Guid> wanted = [.. Holds.Select(h => h.Hold.LeaseId), .. Parts.SelectMany(p => p.Settlement.Charges.ToArray()).Select(c => c.LeaseId)];
        wanted.Remove(Guid.Empty);
        using var reader = new JournalReader(directory, damage, appended: null, from: default);
        while (_leases.Count < wanted.Count && reader.TryRead(out var entry))
        {
            if (entry.Type != RecordType.LeaseTaken || !wanted.Contains(new RecordReader(entry.Payload).ReadGuid())) continue;
            var taken = entry.Read<LeaseTaken>();
            _leases[taken.LeaseId] = taken;
        }
    }

    /// <summary>As the shipper makes them: the same range of the journal always makes the same events.</summary>
    private static IReadOnlyList<UsageEvent> EventsOf(FoundPart part, SegmentDirectory directory, DamageLog damage)
    {
        var batch = part.Batch!.Value;
        var builder = new BatchBuilder(TimeSpan.FromSeconds(batch.WindowSeconds), int.MaxValue);
        using var reader = new JournalReader(directory, damage, appended: null, batch.From);
        while (reader.TryRead(out var entry) && entry.Position <= batch.Through)
        {
            if (entry.IsSettled) builder.TryAdd(entry.Read<Settled>().Settlement);
        }

        var customer = part.Settlement.Customer;
        return [.. builder.Build().Where(e => e.Customer == customer)];
    }
}
