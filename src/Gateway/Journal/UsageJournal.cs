using System.Buffers;
using System.Runtime.CompilerServices;

namespace Gateway.Journal;

/// <summary>
/// The node's append-only ledger. When <see cref="Append{T}"/> has returned, no death of the process loses the record; a death of the
/// machine loses it only before the next flush. Appending takes no lock, makes no system call and allocates nothing.
/// </summary>
internal sealed class UsageJournal : IAsyncDisposable
{
    private const int StackBytes = 1024;
    private const int MinSegmentBytes = 4096;
    private readonly SegmentDirectory _directory;
    private readonly DamageLog _damage;
    private readonly JournalFlusher _flusher;
    private readonly SegmentRoller _roller;
    private readonly AppendSignal _appended = new();
    private volatile bool _disposed;

    private UsageJournal(SegmentDirectory directory, DamageLog damage, JournalFlusher flusher, SegmentRoller roller)
    {
        _directory = directory;
        _damage = damage;
        _flusher = flusher;
        _roller = roller;
    }

    /// <summary>Whether new requests may be taken. Turns false while a quarter of a segment is left for those in flight. A few volatile reads.</summary>
    public bool CanAppend => !_disposed && _flusher.Failure is null && _roller.HasRoom;

    public JournalHealth Health => new(CanAppend, Reason, _damage.Corrupt, _damage.Torn);

    public IReadOnlyList<JournalDamage> Damages => _damage.Damages;

    /// <summary>The beginning of the oldest segment kept.</summary>
    public JournalPosition Start => new(_directory.FirstNumber, SegmentHeader.Bytes);

    /// <summary>Where the next record goes.</summary>
    public JournalPosition Tail => _roller.Current is var current ? new(current.Number, current.Tail) : default;

    /// <summary>Of segments before this number nothing changes any more.</summary>
    public long CompleteBefore => _flusher.OldestLive ?? _roller.Current.Number;

    public long BytesOnDisk => _directory.Bytes;

    private string? Reason => _disposed ? "The journal is closed." : _roller.Failure ?? _flusher.Failure
        ?? (_roller.HasRoom ? null : "The next journal segment is not ready yet.");

    /// <summary>Opens the journal in a directory, which is made if need be and belongs to this process until disposed.</summary>
    public static UsageJournal Open(string directory, JournalOptions options, TimeProvider clock, ILogger logger) =>
        Open(directory, options, clock, logger, new JournalDisk());

    public static UsageJournal Open(string directory, JournalOptions options, TimeProvider clock, ILogger logger, IJournalDisk disk)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, MinSegmentBytes);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("The journal's format is little-endian.");

        var damage = new DamageLog(logger);
        var segments = SegmentDirectory.Open(directory, disk, damage, logger);
        var flusher = new JournalFlusher(disk, TimeSpan.FromMilliseconds(options.FlushMilliseconds), clock, logger);
        try
        {
            return new(segments, damage, flusher, new SegmentRoller(segments, flusher, options, clock, logger));
        }
        catch
        {
            flusher.DisposeAsync().AsTask().GetAwaiter().GetResult();
            segments.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Keeps a record. Throws <see cref="ArgumentException"/> for one that does not fit, before any space is claimed, and
    /// <see cref="JournalUnavailableException"/> when there is no room.
    /// </summary>
    [SkipLocalsInit]
    public JournalPosition Append<T>(in T record)
        where T : struct, IJournalRecord<T>
    {
        // Written aside first: whatever can fail has failed before the claim, so no claim is ever left unpublished by an exception.
        var maxLength = record.MaxLength;
        if (maxLength <= StackBytes)
        {
            Span<byte> buffer = stackalloc byte[StackBytes];
            return Append(T.RecordType, buffer[..record.Write(buffer)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(maxLength);
        try
        {
            return Append(T.RecordType, rented.AsSpan(0, record.Write(rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>A position that is gone, or <c>default</c>, reads from the oldest record kept.</summary>
    public JournalReader ReadFrom(JournalPosition position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(_directory, _damage, _appended, position);
    }

    /// <summary>
    /// Completes when the record, appended before the call, is on disk. Throws <see cref="JournalUnavailableException"/> when the disk
    /// refuses; the record is then still safe from a death of the process, and is flushed again.
    /// </summary>
    public ValueTask WaitForFlushAsync(JournalPosition position, CancellationToken cancellationToken) =>
        _flusher.WaitAsync(position, cancellationToken);

    /// <param name="length">How many of the file's bytes are used.</param>
    public bool TryFindSegment(long number, out string path, out long length) => _directory.TryFind(number, out path, out length);

    /// <summary>Deletes the segments that lie wholly before a position. One that is being read goes when its reader leaves it.</summary>
    public void DeleteBefore(JournalPosition position)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _directory.DeleteBefore(Math.Min(position.Segment, _roller.Current.Number));
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _roller.Dispose();
        await _flusher.DisposeAsync();
        _appended.Close();
        _directory.Dispose();
    }

    private JournalPosition Append(RecordType type, ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            var segment = _roller.Current;
            if (payload.Length > segment.MaxPayload)
                throw TooBig(type, payload.Length, segment.MaxPayload);
            if (segment.Tail + RecordFrame.SizeOf(payload.Length) > segment.ReserveMark && IsOfRequest(type) && _roller.IsLast(segment))
                throw new JournalUnavailableException(Reason ?? "The journal has no segment to append to.");

            if (segment.TryAppend(type, payload, out var offset))
            {
                // A failed claim signals too, below: it is what tells a reader that the segment has ended.
                _appended.Set();
                if (offset < segment.PrepareMark && offset + RecordFrame.SizeOf(payload.Length) >= segment.PrepareMark)
                    _roller.PrepareSoon();
                return new(segment.Number, offset);
            }

            _appended.Set();
            _roller.Roll(segment);
        }
    }

    private static bool IsOfRequest(RecordType type) =>
        type is RecordType.HoldPlaced or RecordType.HoldReleased or RecordType.Settled or RecordType.LeaseTaken;

    private static ArgumentException TooBig(RecordType type, int length, int limit) =>
        new($"A {type} record has {length} bytes; with this SegmentBytes {limit} is the most (a quarter of a segment).");
}
