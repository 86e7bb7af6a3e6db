using Gateway.Journal.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Journal;

/// <summary>
/// What reading a journal from end to end shows, without changing it; a gateway may be writing it. The checksums find what a disk does to a record,
/// the chain of seals what anybody did to a segment since it was sealed.
/// </summary>
/// <param name="First">The oldest segment kept.</param>
/// <param name="Last">The newest segment that has a record; 0: none has.</param>
/// <param name="Bytes">Of all segment files.</param>
/// <param name="Records">How many there are of each type.</param>
/// <param name="Torn">Records that a crash cut off while they were written. Nothing was promised for them.</param>
/// <param name="Head">The newest seal; null when no segment is complete yet.</param>
/// <param name="Problems">One line each; none: the journal is whole.</param>
internal sealed record JournalAudit(
    long First, long Last, long Bytes, IReadOnlyDictionary<RecordType, long> Records, long Torn, SegmentSealed? Head, IReadOnlyList<string> Problems)
{
    /// <param name="folder">The segments' folder.</param>
    /// <param name="expectedSeal">A seal that was noted elsewhere and must be in the chain, or null.</param>
    /// <param name="progress">Told how much is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="IOException">The folder can not be read, or the gateway deleted a segment meanwhile.</exception>
    public static JournalAudit Of(string folder, string? expectedSeal, Action<double> progress, CancellationToken cancellationToken)
    {
        var head = ChainHead.Read(folder); // before the segments: a running gateway may seal another one meanwhile
        var damage = new DamageLog(NullLogger.Instance);
        using var directory = SegmentDirectory.OpenReadOnly(folder, damage, NullLogger.Instance);
        var audit = new Auditor(directory, damage, Math.Max(1, 2 * directory.Bytes), progress, cancellationToken);
        audit.ReadRecords();
        audit.FollowChain(head, expectedSeal);
        return new JournalAudit(
            directory.FirstNumber, audit.LastSegment, directory.Bytes, audit.Records, damage.Torn, audit.Seals is [.., var newest] ? newest : null,
            [.. damage.Damages.Where(d => d.Kind == DamageKind.Corrupt).Select(d => $"{d.File} at byte {d.Position.Offset}: {d.Reason}"), .. audit.Problems]);
    }

    private sealed class Auditor(SegmentDirectory directory, DamageLog damage, long work, Action<double> progress, CancellationToken cancellationToken)
    {
        private long _done;

        public Dictionary<RecordType, long> Records { get; } = [];

        public List<SegmentSealed> Seals { get; } = [];

        public List<string> Problems { get; } = [];

        public long LastSegment { get; private set; }

        public void ReadRecords()
        {
            using var reader = new JournalReader(directory, damage, appended: null, from: default);
            while (reader.TryRead(out var entry))
            {
                Records[entry.Type] = Records.GetValueOrDefault(entry.Type) + 1;
                if (entry.Type == RecordType.SegmentSealed) Add(entry.Read<SegmentSealed>());
                if (entry.Position.Segment == LastSegment) continue;
                if (directory.TryFind(LastSegment, out _, out var bytes)) Done(bytes);
                LastSegment = entry.Position.Segment;
            }
        }

        public void FollowChain(ChainHead? named, string? expectedSeal)
        {
            for (var i = 1; i < Seals.Count; i++)
            {
                var (link, next) = (Seals[i - 1], Seals[i]);
                if (next.Segment != link.Segment + 1) Problems.Add($"The chain goes from segment {link.Segment} to segment {next.Segment}.");
                else if (next.Previous != link.Seal) Problems.Add($"The seal of segment {next.Segment} does not follow from the seal of segment {link.Segment}.");
            }

            foreach (var seal in Seals.Where(s => s.Segment >= directory.FirstNumber)) Check(seal);
            if (Seals is [var first, ..] && first.Segment > directory.FirstNumber)
                Problems.Add($"The seals of segments {directory.FirstNumber} to {first.Segment - 1} are missing.");
            CheckHead(named);
            if (expectedSeal is not null && !Seals.Exists(s => s.Seal == expectedSeal || s.Previous == expectedSeal))
                Problems.Add($"No segment has the seal {expectedSeal}.");
        }

        /// <summary>The same seal once more is the same link: there are gateways that appended it again while the disk was full.</summary>
        private void Add(in SegmentSealed seal)
        {
            if (Seals is not [.., var last] || last != seal) Seals.Add(seal);
        }

        private void Check(in SegmentSealed seal)
        {
            if (!directory.TryFind(seal.Segment, out var path, out var bytes))
            {
                Problems.Add($"Segment {seal.Segment} was sealed and is missing.");
                return;
            }

            if (bytes < seal.Length) Problems.Add($"{path} has {bytes} bytes; {seal.Length} were sealed.");
            else if (SegmentSeal.Compute(path, seal.Segment, seal.Length, seal.Previous).Seal != seal.Seal) Problems.Add($"{path} was changed after it was sealed.");
            else if (!SegmentSeal.IsUnused(path, seal.Length)) Problems.Add($"{path} has something behind the {seal.Length} bytes that were sealed.");
            Done(bytes);
        }

        /// <summary>Without the file that names the newest seal, nobody could tell that the newest segments are gone.</summary>
        private void CheckHead(ChainHead? head)
        {
            if (head is null)
            {
                if (Seals.Count > 0) Problems.Add("The file chain-head is missing; whether the newest segments are still there can not be told.");
                return;
            }

            var last = Seals is [.., var newest] ? newest.Segment : 0;
            if (head.Segment > last) Problems.Add($"The chain's head is segment {head.Segment}; the journal knows seals up to segment {last}. The newest segments are missing.");
            else if (Seals.Find(s => s.Segment == head.Segment) is { Seal: { } seal } && seal != head.Seal) Problems.Add($"The file chain-head names another seal of segment {head.Segment} than the journal.");
        }

        private void Done(long bytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _done += bytes;
            progress(Math.Min(1, (double)_done / work));
        }
    }
}
