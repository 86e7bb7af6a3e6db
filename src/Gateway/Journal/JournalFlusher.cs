using System.Diagnostics;

namespace Gateway.Journal;

/// <summary>
/// Brings appended records to disk: every interval if there are any, and at once when somebody waits. All who wait share the next
/// flush. It has a thread of its own, because a flush may block for as long as the disk likes; the thread also counts the interval, for
/// a timer would wake two others each time.
/// </summary>
internal sealed partial class JournalFlusher : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);

    // What is not on disk by then would be lost with the machine, and the promise is a matter of milliseconds.
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StallCheck = TimeSpan.FromSeconds(1);
    private readonly IJournalDisk _disk;
    private readonly TimeSpan _interval;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<SegmentWriter> _live = [];
    private TaskCompletionSource? _group;
    private JournalPosition _flushed;
    private volatile string? _failure;
    private volatile string? _stall;
    private long? _flushingSince;
    private volatile bool _stopping;

    public JournalFlusher(IJournalDisk disk, TimeSpan interval, TimeProvider clock, ILogger logger)
    {
        _disk = disk;
        _interval = interval;
        _logger = logger;
        _clock = clock;
        _timer = clock.CreateTimer(_ => NoteStall(), null, StallCheck, StallCheck);
        new Thread(Run) { IsBackground = true, Name = "journal flush" }.Start();
    }

    /// <summary>Why the last flush failed or does not end, or null.</summary>
    public string? Failure => _failure ?? _stall;

    /// <summary>The oldest segment that may still change; null before the first.</summary>
    public long? OldestLive
    {
        get
        {
            lock (_gate)
                return _live.Count == 0 ? null : _live[0].Number;
        }
    }

    public void Track(SegmentWriter writer)
    {
        lock (_gate)
            _live.Add(writer);
    }

    /// <summary>
    /// Completes when the record at this position, appended before the call, is on disk. What can go wrong goes wrong in the task: the record is in the
    /// journal, and who is told otherwise at once would take that for a refusal.
    /// </summary>
    public ValueTask WaitAsync(JournalPosition position, CancellationToken cancellationToken)
    {
        Task group;
        lock (_gate)
        {
            if (position < _flushed)
                return ValueTask.CompletedTask;
            if (_stopping)
                return new ValueTask(LastFlushAsync(position, cancellationToken));
            _group ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            group = _group.Task;
            _wake.Set();
        }

        return new ValueTask(group.WaitAsync(cancellationToken));
    }

    /// <summary>Flushes what is left and unmaps it. All segments must be sealed.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                _stopping = true;
                _wake.Set();
            }
        }

        await _ended.Task;
        await _timer.DisposeAsync();
    }

    private async Task LastFlushAsync(JournalPosition position, CancellationToken cancellationToken)
    {
        await _ended.Task.WaitAsync(cancellationToken);
        lock (_gate)
        {
            if (position < _flushed)
                return;
        }

        throw new JournalUnavailableException(_failure ?? "The journal was closed before the record was on disk.");
    }

    private void NoteStall()
    {
        lock (_gate)
        {
            if (_flushingSince is not { } since || _clock.GetElapsedTime(since) is var elapsed && elapsed <= StallLimit)
                return;
            if (_stall is null)
                Log.Stalled(_logger, elapsed);
            _stall = $"The disk has not taken a flush for {elapsed.TotalSeconds:F0} seconds.";
        }
    }

    private void Run()
    {
        var began = Stopwatch.GetTimestamp();
        while (!_stopping)
        {
            var rest = (_interval - Stopwatch.GetElapsedTime(began)).TotalMilliseconds; // what a flush takes is not added to the interval
            _wake.WaitOne((int)Math.Ceiling(Math.Max(0, rest)));
            began = Stopwatch.GetTimestamp();
            if (IsNeeded())
                Flush();
        }

        // Sealed segments finish as soon as the appends under way have published: microseconds.
        var stopped = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        while (Flush() && _live.Count > 0 && Stopwatch.GetElapsedTime(stopped) < StopWithin)
            spin.SpinOnce();
        foreach (var writer in _live)
            LetGo(writer);
        _wake.Dispose();
        _ended.SetResult();
    }

    private bool IsNeeded()
    {
        lock (_gate)
            return _group is not null || _live.Exists(static writer => writer.NeedsFlush);
    }

    private bool Flush()
    {
        TaskCompletionSource? group;
        SegmentWriter[] live;
        var now = _clock.GetTimestamp();
        lock (_gate)
        {
            group = _group;
            _group = null;
            live = [.. _live];
            _flushingSince = now;
        }

        try
        {
            foreach (var writer in live)
            {
                if (writer.NeedsFlush || writer.IsSealed)
                    writer.Flush(_disk);
                NoteFlushed(writer);
            }

            if (_failure is not null)
                Log.Recovered(_logger);
            _failure = null;
            group?.TrySetResult();
            return true;
        }
        catch (Exception exception)
        {
            if (_failure is null)
                Log.Failed(_logger, exception);
            _failure = $"The journal could not be flushed to disk: {exception.Message}";
            group?.TrySetException(new JournalUnavailableException(_failure, exception));
            return false;
        }
        finally
        {
            lock (_gate)
                (_flushingSince, _stall) = (null, null);
        }
    }

    private void NoteFlushed(SegmentWriter writer)
    {
        lock (_gate)
        {
            // In order: while an older segment has an append under way, a later one proves nothing about what lies between.
            if (_live[0] == writer)
                _flushed = new(writer.Number, writer.Frontier);
            if (!writer.IsFinished || writer.NeedsFlush)
                return;
            _live.Remove(writer);
        }

        writer.Retire();
    }

    private void LetGo(SegmentWriter writer)
    {
        writer.AdvanceFrontier(writer.Tail);
        if (writer.IsFinished)
            writer.Retire();
        else
            Log.LeftMapped(_logger, writer.Number);
    }

    private static partial class Log
    {
        [LoggerMessage(606, LogLevel.Error, "The journal could not be flushed to disk. Metered requests are refused until it can.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(607, LogLevel.Information, "The journal is flushed to disk again.")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(609, LogLevel.Error, "The disk has not taken a flush of the journal for {Elapsed}. Metered requests are refused until it does.")]
        public static partial void Stalled(ILogger logger, TimeSpan elapsed);

        [LoggerMessage(608, LogLevel.Warning, "Journal segment {Number} has an append that never ended; it stays mapped.")]
        public static partial void LeftMapped(ILogger logger, long number);
    }
}
