namespace Gateway.Journal;

/// <summary>
/// Follows the journal from a position on, for one user at a time. Segments of this process are read record by record as they are
/// published. Older ones may have been left by a crash: what was never published is stepped over slot by slot, and reported.
/// </summary>
internal sealed class JournalReader : IDisposable
{
    private readonly SegmentDirectory _directory;
    private readonly DamageLog _damage;
    private readonly AppendSignal? _appended;
    private readonly long _firstNumber;
    private JournalSegment? _segment;
    private SegmentMapping? _mapping;
    private int _offset;
    private bool _atEnd;
    private bool _inSync = true;
    private bool _disposed;

    public JournalReader(SegmentDirectory directory, DamageLog damage, AppendSignal? appended, JournalPosition from)
    {
        if (from.Offset < 0 || from.Offset % RecordFrame.SlotBytes != 0)
            throw new ArgumentException($"{from} is not the position of a journal record.", nameof(from));

        _directory = directory;
        _damage = damage;
        _appended = appended;
        _firstNumber = from.Segment;
        _offset = Math.Max(from.Offset, SegmentHeader.Bytes);
    }

    /// <summary>Everything before it was read.</summary>
    public JournalPosition Position => new(_segment?.Number ?? _firstNumber, _offset);

    /// <summary>False when there is nothing more for now.</summary>
    public bool TryRead(out JournalEntry entry)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        entry = default;
        while (_mapping is not null || TryEnter(_firstNumber))
        {
            if (TryReadHere(out entry))
                return true;
            if (!_atEnd || !TryEnter(_segment!.Number + 1))
                return false;
        }

        return false;
    }

    /// <summary>Completes when <see cref="TryRead"/> is worth another try. Throws <see cref="ObjectDisposedException"/> once the journal is closed.</summary>
    public async ValueTask WaitForDataAsync(CancellationToken cancellationToken)
    {
        if (_appended is null)
            throw new InvalidOperationException("This journal is open for reading only; nothing will be appended.");

        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (HasData())
                return;
            var appended = _appended.Arm();
            if (HasData())
                return;
            await appended.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _mapping = null;
        _segment?.Release();
        _segment = null;
    }

    private bool HasData()
    {
        while (_mapping is not null || TryEnter(_firstNumber))
        {
            if (_segment!.Writer is not { } writer)
            {
                if (!_atEnd)
                    return true;
            }
            else if (_offset < writer.SealedEnd)
            {
                return _offset < _mapping!.Length && RecordFrame.ReadWord(_mapping.Bytes, _offset) != 0;
            }

            if (!TryEnter(_segment.Number + 1))
                return false;
        }

        return false;
    }

    private bool TryEnter(long number)
    {
        if (!_directory.TryAcquire(number, out var segment, out var mapping))
            return false;
        if (_segment is not null || segment.Number != _firstNumber)
            _offset = SegmentHeader.Bytes;
        _segment?.Release();
        (_segment, _mapping, _atEnd, _inSync) = (segment, mapping, false, true);
        return true;
    }

    private bool TryReadHere(out JournalEntry entry)
    {
        var bytes = _mapping!.Bytes;
        var writer = _segment!.Writer;
        while (true)
        {
            var end = Math.Min(writer?.SealedEnd ?? bytes.Length, bytes.Length);
            if (end - _offset < RecordFrame.SlotBytes)
            {
                entry = default;
                _atEnd = writer is null || writer.IsSealed;
                if (_atEnd && writer is null)
                    ReportRemainder(bytes);
                return false;
            }

            var state = RecordFrame.Inspect(bytes, _segment.Seed, _offset, out var type, out var length);
            if (state == SlotState.Valid)
            {
                var next = _offset + RecordFrame.SizeOf(length);
                entry = new(At(_offset), At(next), type, bytes.Slice(_offset + RecordFrame.HeaderBytes, length));
                _offset = next;
                _inSync = true;
                return true;
            }

            if (writer is null)
            {
                StepOver(bytes, state);
            }
            else if (state == SlotState.Empty)
            {
                // Claimed by an appender that is about to publish, or not claimed yet.
                entry = default;
                return false;
            }
            else
            {
                StepOverLive(bytes, writer, state);
            }
        }
    }

    private void StepOver(ReadOnlySpan<byte> bytes, SlotState state)
    {
        var step = RecordFrame.SlotBytes;
        if (state == SlotState.Empty)
        {
            var content = bytes[_offset..].IndexOfAnyExcept((byte)0);
            if (content < 0)
            {
                _offset = bytes.Length;
                return;
            }

            if (_inSync)
                Report(DamageKind.Torn, _offset, "A record was claimed and never published.");
            step = Math.Max(step, content & ~(RecordFrame.SlotBytes - 1));
        }
        else if (state == SlotState.Corrupt || _inSync)
        {
            // Out of step, foreign bytes are the inside of what was reported already; a header of this very slot never is.
            Report(DamageKind.Corrupt, _offset, Reason(state));
        }

        _inSync = false;
        _offset += step;
    }

    // Only if something else writes to our file. The end of what is claimed now is a boundary between records, so that is the limit.
    private void StepOverLive(ReadOnlySpan<byte> bytes, SegmentWriter writer, SlotState state)
    {
        Report(DamageKind.Corrupt, _offset, Reason(state));
        var claimed = writer.Tail;
        do
            _offset += RecordFrame.SlotBytes;
        while (_offset < claimed && RecordFrame.Inspect(bytes, _segment!.Seed, _offset, out _, out _) != SlotState.Valid);
    }

    private void ReportRemainder(ReadOnlySpan<byte> bytes)
    {
        if (_offset < bytes.Length && bytes[_offset..].ContainsAnyExcept((byte)0))
            Report(DamageKind.Corrupt, _offset, "The file ends within a record.");
        _offset = bytes.Length;
    }

    private static string Reason(SlotState state) =>
        state == SlotState.Corrupt ? "The record's checksum does not match." : "There is no record where one should start.";

    private void Report(DamageKind kind, int offset, string reason) => _damage.Report(new(kind, _segment!.Path, At(offset), reason));

    private JournalPosition At(int offset) => new(_segment!.Number, offset);
}
