namespace Gateway.Journal;

/// <summary>
/// A segment file and its mapping, shared by whoever holds a reference. Unmapped with the last reference; a deleted segment's file goes
/// then too. Invariant: nobody touches mapped memory without a reference.
/// </summary>
internal sealed class JournalSegment(string path, long number, SegmentHeader? header, long bytes, Action<JournalSegment> removed)
{
    private const int MaxTouchedBytes = 64 * 1024 * 1024;
    private readonly Lock _gate = new();
    private SegmentMapping? _mapping;
    private int _references;
    private bool _deleted;

    public string Path { get; } = path;

    public long Number { get; } = number;

    /// <summary>Null when the header is damaged: nothing in the file can be read.</summary>
    public SegmentHeader? Header { get; } = header;

    public long Bytes { get; set; } = bytes;

    public uint Seed { get; } = header is { } known ? RecordFrame.Seed(known.Id) : 0;

    /// <summary>Set for segments that this process made: their records are published one by one while readers follow.</summary>
    public SegmentWriter? Writer { get; private set; }

    public SegmentWriter OpenWriter()
    {
        lock (_gate)
        {
            var mapping = SegmentMapping.Open(Path, writable: true);
            try
            {
                // The pages are made present and writable here, in the background, instead of one by one on the request path.
                mapping.Prepare(Math.Min(mapping.Length, MaxTouchedBytes));
            }
            catch
            {
                mapping.Dispose();
                throw;
            }

            _mapping = mapping;
            _references = 1;
            Writer = new SegmentWriter(this, _mapping);
            return Writer;
        }
    }

    /// <summary>Null when the segment has been deleted.</summary>
    public SegmentMapping? Acquire()
    {
        lock (_gate)
        {
            if (_deleted)
                return null;
            _mapping ??= SegmentMapping.Open(Path, writable: false);
            _references++;
            return _mapping;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            if (--_references < 0)
                throw new InvalidOperationException($"Journal segment {Number} was released more often than acquired.");
            if (_references > 0)
                return;
            _mapping?.Dispose();
            _mapping = null;
            if (!_deleted)
                return;
        }

        removed(this);
    }

    public void Delete()
    {
        lock (_gate)
        {
            if (_deleted)
                return;
            _deleted = true;
            if (_references > 0)
                return;
        }

        removed(this);
    }
}
