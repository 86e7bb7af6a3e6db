using System.Globalization;

namespace Gateway.Journal;

/// <summary>The segment files of a journal: their numbers follow each other without a gap, oldest first.</summary>
internal sealed partial class SegmentDirectory : IDisposable
{
    public const string Extension = ".journal";
    private const string UnfinishedExtension = ".new";
    private const int PageBytes = 4096;
    private readonly string _path;
    private readonly IJournalDisk _disk;
    private readonly DamageLog _damage;
    private readonly ILogger _logger;
    private readonly FileStream? _lock;
    private readonly Lock _gate = new();
    private readonly SortedList<long, JournalSegment> _segments = [];
    private long _nextNumber = 1;
    private long _bytes;

    private SegmentDirectory(string path, IJournalDisk disk, DamageLog damage, ILogger logger, FileStream? directoryLock)
    {
        _path = path;
        _disk = disk;
        _damage = damage;
        _logger = logger;
        _lock = directoryLock;
    }

    /// <summary>Called when a file has gone and its space is free.</summary>
    public Action? Freed { get; set; }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The oldest segment kept, or the next one to be made.</summary>
    public long FirstNumber
    {
        get
        {
            lock (_gate)
                return _segments.Count == 0 ? _nextNumber : _segments.GetKeyAtIndex(0);
        }
    }

    /// <summary>One more than the newest segment's number.</summary>
    public long EndNumber
    {
        get
        {
            lock (_gate)
                return _nextNumber;
        }
    }

    /// <summary>
    /// For the one process that appends: takes the directory's lock, clears away what a crash left unused and brings to disk what it left in the page cache.
    /// </summary>
    public static SegmentDirectory Open(string path, IJournalDisk disk, DamageLog damage, ILogger logger)
    {
        var directory = new SegmentDirectory(path, disk, damage, logger, SegmentFiles.LockDirectory(path));
        try
        {
            directory.Load();
            directory.DropUnused();
            directory.FlushLeft();
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>For tools and tests: changes nothing, also while a process appends.</summary>
    public static SegmentDirectory OpenReadOnly(string path, DamageLog damage, ILogger logger)
    {
        var directory = new SegmentDirectory(path, new JournalDisk(), damage, logger, directoryLock: null);
        directory.Load();
        return directory;
    }

    public SegmentWriter Create(int segmentBytes, DateTimeOffset createdAt)
    {
        var number = _nextNumber;
        var path = Path.Combine(_path, number.ToString("D8", CultureInfo.InvariantCulture) + Extension);
        var header = SegmentHeader.New(number, createdAt, segmentBytes);
        SegmentFiles.Create(path, path + UnfinishedExtension, header, segmentBytes, _disk);
        try
        {
            _disk.FlushDirectory(_path);
            var segment = new JournalSegment(path, number, header, segmentBytes, Remove);
            var writer = segment.OpenWriter();
            Add(segment);
            _nextNumber = number + 1;
            return writer;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>The first readable segment with this number or a later one, with a reference taken.</summary>
    public bool TryAcquire(long number, out JournalSegment segment, out SegmentMapping mapping)
    {
        JournalSegment[] candidates;
        lock (_gate)
            candidates = [.. _segments.Values.Where(kept => kept.Number >= number && kept.Header is not null)];
        foreach (var candidate in candidates)
        {
            if (TryOpen(candidate) is { } acquired)
            {
                (segment, mapping) = (candidate, acquired);
                return true;
            }
        }

        (segment, mapping) = (null!, null!);
        return false;
    }

    public bool TryFind(long number, out string path, out long length)
    {
        lock (_gate)
        {
            var found = _segments.TryGetValue(number, out var segment);
            (path, length) = found ? (segment!.Path, segment.Writer?.SealedEnd ?? segment.Bytes) : ("", 0);
            return found;
        }
    }

    public void DeleteBefore(long number)
    {
        JournalSegment[] old;
        lock (_gate)
        {
            old = [.. _segments.Values.Where(kept => kept.Number < number)];
            foreach (var segment in old)
                _segments.Remove(segment.Number);
        }

        foreach (var segment in old)
            segment.Delete();
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>Beside a running gateway, which deletes what is not needed any more, a file may have gone since it was listed.</summary>
    private SegmentMapping? TryOpen(JournalSegment segment)
    {
        try
        {
            return segment.Acquire();
        }
        catch (FileNotFoundException) when (_lock is null)
        {
            return null;
        }
    }

    private void Load()
    {
        if (_lock is not null)
            Array.ForEach(Directory.GetFiles(_path, "*" + Extension + UnfinishedExtension), File.Delete);

        foreach (var (file, number) in SegmentFiles.List(_path, Extension))
        {
            if (_segments.Count > 0 && number != _nextNumber)
                Report(file, number, $"Segments {_nextNumber} to {number - 1} before it are missing.");
            var header = SegmentFiles.ReadHeader(file, number, out var problem);
            if (header is null)
                Report(file, number, problem);
            Add(new JournalSegment(file, number, header, new FileInfo(file).Length, Remove));
            _nextNumber = number + 1;
        }
    }

    private void Report(string file, long number, string problem) =>
        _damage.Report(new(DamageKind.Corrupt, file, new(number, 0), problem));

    /// <summary>Deletes spares that no record reached and cuts the preallocated rest of the last used segment.</summary>
    private void DropUnused()
    {
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            var last = _segments.GetValueAtIndex(i);
            if (last.Header is null || last.Acquire() is not { } mapping)
                return;
            var used = UsedBytes(mapping.Bytes, last.Seed);
            last.Release();
            if (used > SegmentHeader.Bytes)
            {
                var kept = Math.Min(last.Bytes, (used + PageBytes - 1) & ~(PageBytes - 1));
                SegmentFiles.Truncate(last.Path, kept);
                Interlocked.Add(ref _bytes, kept - last.Bytes);
                last.Bytes = kept;
                return;
            }

            // Its number is used again, so that a gap in the numbers always means a lost file.
            _segments.RemoveAt(i);
            _nextNumber = last.Number;
            last.Delete();
        }
    }

    /// <summary>
    /// What a run that was killed had not flushed yet is read like everything else, and sent, and no writer of this process will flush it: a power failure could take it back after that.
    /// What is sealed was on disk before. The head may be another journal's, whose segments were taken away.
    /// </summary>
    private void FlushLeft()
    {
        var sealedThrough = ChainHead.Read(_path) is { Segment: var head } && head < _nextNumber ? head : 0;
        foreach (var segment in _segments.Values.Where(kept => kept.Number > sealedThrough && kept.Header is not null))
        {
            var mapping = segment.Acquire()!;
            try
            {
                _disk.Flush(mapping, 0, mapping.Length);
            }
            catch (IOException exception)
            {
                throw new JournalUnavailableException($"What the run before left in '{segment.Path}' could not be brought to disk: {exception.Message}", exception);
            }
            finally
            {
                segment.Release();
            }
        }
    }

    /// <summary>Where the content ends. The last record may itself end in zeros, which are not to be taken for the unused rest.</summary>
    private static int UsedBytes(ReadOnlySpan<byte> segment, uint seed)
    {
        var used = segment.LastIndexOfAnyExcept((byte)0) + 1;
        var offset = SegmentHeader.Bytes;
        while (offset < used && segment.Length - offset >= RecordFrame.SlotBytes)
        {
            var isRecord = RecordFrame.Inspect(segment, seed, offset, out _, out var length) == SlotState.Valid;
            offset += isRecord ? RecordFrame.SizeOf(length) : RecordFrame.SlotBytes;
        }

        return used <= SegmentHeader.Bytes ? used : Math.Max(used, Math.Min(offset, segment.Length));
    }

    private void Add(JournalSegment segment)
    {
        Interlocked.Add(ref _bytes, segment.Bytes);
        lock (_gate)
            _segments.Add(segment.Number, segment);
    }

    private void Remove(JournalSegment segment)
    {
        try
        {
            // What could not be read may still be worth money to somebody with a hex editor.
            SegmentFiles.Discard(segment.Path, keep: segment.Header is null || _damage.IsCorrupt(segment.Number));
            Interlocked.Add(ref _bytes, -segment.Bytes);
            Freed?.Invoke();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(_logger, exception, segment.Path);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(603, LogLevel.Warning, "Journal file {File} could not be deleted; it is tried again at the next start.")]
        public static partial void NotDeleted(ILogger logger, Exception exception, string file);
    }
}
