namespace Gateway.Journal;

/// <summary>
/// Holds the segment being appended to and has the next one ready before it is needed. When that fails the journal stops taking new
/// requests while half a segment is still left, and tries again every second and whenever space is given back.
/// </summary>
internal sealed partial class SegmentRoller : IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly SegmentDirectory _directory;
    private readonly JournalFlusher _flusher;
    private readonly JournalOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _retry;
    private readonly Lock _gate = new();
    private volatile SegmentWriter _current;
    private volatile SegmentWriter? _spare;
    private volatile string? _failure;
    private int _queued;
    private bool _disposed;

    public SegmentRoller(
        SegmentDirectory directory, JournalFlusher flusher, JournalOptions options, TimeProvider clock, ILogger logger)
    {
        _directory = directory;
        _flusher = flusher;
        _options = options;
        _clock = clock;
        _logger = logger;

        // Beyond the limit if need be: a full journal must open again, or what it holds could never be shipped and deleted.
        try
        {
            _current = directory.Create(options.SegmentBytes, clock.GetUtcNow());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnavailableException($"The first journal segment could not be made: {exception.Message}", exception);
        }

        flusher.Track(_current);
        directory.Freed = RetryNow;
        _retry = clock.CreateTimer(_ => PrepareSoon(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public SegmentWriter Current => _current;

    /// <summary>Why there is no next segment, or null.</summary>
    public string? Failure => _failure;

    // The spare is read first: a roll sets the current segment before it clears the spare.
    public bool HasRoom => _spare is not null || (_failure is null && _current is var current && current.Tail <= current.RefuseMark);

    /// <summary>Whether no segment can follow this one. It is tried, where it was not yet.</summary>
    public bool IsLast(SegmentWriter segment)
    {
        if (_spare is not null || _current != segment) return false;
        lock (_gate)
        {
            if (!_disposed && _spare is null && _failure is null && _current == segment) TryPrepare();
            return _spare is null && _failure is not null && _current == segment;
        }
    }

    /// <summary>Has the next segment made on the thread pool. Neither blocks nor allocates.</summary>
    public void PrepareSoon()
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _queued, 0);
        lock (_gate)
        {
            if (!_disposed && _spare is null)
                TryPrepare();
        }
    }

    /// <summary>Makes another segment than <paramref name="full"/> the current one, or throws.</summary>
    public void Roll(SegmentWriter full)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(UsageJournal));
            if (_current != full)
                return;
            if (_spare is null && _failure is null)
                TryPrepare();
            if (_spare is not { } spare)
                throw new JournalUnavailableException(_failure ?? "The journal has no segment to append to.");

            _flusher.Track(spare);
            _current = spare;
            _spare = null;
        }
    }

    /// <summary>After this no append succeeds. An unused spare is left for the next start: a reader may be looking at it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _current.Seal();
            _spare?.Retire();
            _spare = null;
        }

        _retry.Dispose();
    }

    // Space was given back: a failure may be over.
    private void RetryNow()
    {
        if (_failure is not null)
            PrepareSoon();
    }

    private void TryPrepare()
    {
        try
        {
            var after = _directory.Bytes + _options.SegmentBytes;
            if (after > _options.MaxBytes)
            {
                throw new JournalUnavailableException(
                    $"Another segment would take the journal to {after} bytes; its limit is {_options.MaxBytes} (Gateway:Journal:MaxBytes). "
                    + "It shrinks as usage is shipped.");
            }

            var spare = _directory.Create(_options.SegmentBytes, _clock.GetUtcNow());
            if (_failure is not null)
                Log.Recovered(_logger, spare.Number);
            _failure = null; // first: whoever sees that there is room finds no reason against it
            _spare = spare;
        }
        catch (Exception exception)
        {
            if (_failure is null)
                Log.NotPrepared(_logger, exception);
            _failure = exception is JournalUnavailableException
                ? exception.Message
                : $"The next journal segment could not be prepared: {exception.Message}";
            _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(604, LogLevel.Error, "The next journal segment could not be prepared. Metered requests are refused until it can.")]
        public static partial void NotPrepared(ILogger logger, Exception exception);

        [LoggerMessage(605, LogLevel.Information, "Journal segment {Number} is prepared; metered requests are taken again.")]
        public static partial void Recovered(ILogger logger, long number);
    }
}
