using System.Runtime.InteropServices;

namespace Gateway.Journal;

/// <summary>
/// The appending side of a segment. Space is claimed by one interlocked add; the single claim that crosses the end seals the segment.
/// Invariants: claims never overlap; memory is touched only between a successful claim and its publication; so once the segment is
/// sealed and all before <see cref="SealedEnd"/> is published, no appender will ever touch it again and it may be unmapped.
/// </summary>
internal sealed unsafe class SegmentWriter
{
    private const int Open = -1;
    private readonly JournalSegment _segment;
    private readonly SegmentMapping _mapping;
    private readonly byte* _pointer;
    private readonly uint _seed;
    private readonly int _capacity;
    private PaddedLong _tail;
    private volatile int _sealedEnd = Open;

    // Only the flusher's thread moves these four.
    private int _frontier = SegmentHeader.Bytes;
    private int _flushedFrontier = SegmentHeader.Bytes;
    private int _flushedTail = SegmentHeader.Bytes;
    private bool _failed;

    public SegmentWriter(JournalSegment segment, SegmentMapping mapping)
    {
        _segment = segment;
        _mapping = mapping;
        _pointer = mapping.Pointer;
        _seed = segment.Seed;
        _capacity = mapping.Length & ~(RecordFrame.SlotBytes - 1);
        _tail.Value = SegmentHeader.Bytes;
        PrepareMark = _capacity / 2;
        RefuseMark = _capacity / 8 * 5;
        ReserveMark = _capacity / 16 * 15;
        MaxPayload = (_capacity / 4) - RecordFrame.HeaderBytes;
    }

    public long Number => _segment.Number;

    /// <summary>The claim that passes this offset has the next segment prepared.</summary>
    public int PrepareMark { get; }

    /// <summary>Past this offset, and without a spare, no new requests are taken: what is left, over a quarter, is for those in flight.</summary>
    public int RefuseMark { get; }

    /// <summary>
    /// Past this offset, and without a spare, nothing that a request causes is taken: the rest is for what gives space back, such as acknowledgements.
    /// Requests that run for hours could use up all the room otherwise, and then the journal would stay full until a restart.
    /// </summary>
    public int ReserveMark { get; }

    public int MaxPayload { get; }

    /// <summary>Offset after the last claim.</summary>
    public int Tail => _sealedEnd is var end && end != Open ? end : (int)Math.Min(Interlocked.Read(ref _tail.Value), _capacity);

    public bool IsSealed => _sealedEnd != Open;

    /// <summary>No records start here or later; <see cref="int.MaxValue"/> while the segment is open.</summary>
    public int SealedEnd => _sealedEnd is var end && end != Open ? end : int.MaxValue;

    /// <summary>Up to here every record is published. Moved by the flusher.</summary>
    public int Frontier => _frontier;

    public bool IsFinished => _frontier == SealedEnd;

    public bool NeedsFlush => _failed || Tail != _flushedTail || _frontier != _flushedTail;

    public bool TryAppend(RecordType type, ReadOnlySpan<byte> payload, out int offset)
    {
        var size = RecordFrame.SizeOf(payload.Length);
        var end = Interlocked.Add(ref _tail.Value, size);
        var start = end - size;
        if (end > _capacity)
        {
            // Exactly one claim starts within and ends beyond: all later ones start beyond. After minutes of failed claims the
            // tail is still far from overflow (64 bits).
            if (start <= _capacity)
                _sealedEnd = (int)start;
            offset = 0;
            return false;
        }

        offset = (int)start;
        RecordFrame.Publish(_pointer + start, _seed, offset, type, payload);
        return true;
    }

    /// <summary>Lets no further claim succeed.</summary>
    public void Seal()
    {
        var start = Interlocked.Add(ref _tail.Value, _capacity + RecordFrame.SlotBytes) - _capacity - RecordFrame.SlotBytes;
        if (start <= _capacity)
            _sealedEnd = (int)start;
    }

    public void Flush(IJournalDisk disk)
    {
        var tail = Tail;
        AdvanceFrontier(tail);
        if (_failed)
            _mapping.Touch(_flushedFrontier, tail);

        // What is claimed but not yet published now may miss this flush; frontier and flushed tail then differ and the next one runs.
        _failed = true;
        disk.Flush(_mapping, _flushedFrontier, tail);
        _failed = false;
        _flushedFrontier = _frontier;
        _flushedTail = tail;
    }

    /// <summary>Gives up the mapping. Only when <see cref="IsFinished"/>.</summary>
    public void Retire() => _segment.Release();

    public void AdvanceFrontier(int tail)
    {
        while (_frontier < tail)
        {
            var word = RecordFrame.ReadWord(_mapping.Bytes, _frontier);
            var next = _frontier + (long)RecordFrame.SizeOf(Math.Max(0, RecordFrame.LengthOf(word)));
            if (word == 0 || next > tail)
                return;
            _frontier = (int)next;
        }
    }

    // Each claim writes the tail; alone on its cache lines it does not slow the readers of the fields beside it.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct PaddedLong
    {
        [FieldOffset(128)]
        public long Value;
    }
}
