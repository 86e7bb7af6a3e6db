namespace Gateway.Journal;

/// <summary>
/// Wakes readers. Costs an appender one volatile read while nobody waits. No wake-up is lost: a reader arms (full fence), then looks
/// again; an appender publishes (full fence), then looks for a waiter; so at least one of them sees the other.
/// </summary>
internal sealed class AppendSignal
{
    private volatile TaskCompletionSource? _waiter;
    private volatile bool _closed;

    public Task Arm()
    {
        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiter = Interlocked.CompareExchange(ref _waiter, fresh, null) ?? fresh;
        ObjectDisposedException.ThrowIf(_closed, typeof(UsageJournal));
        return waiter.Task;
    }

    public void Set()
    {
        if (_waiter is not null)
            Interlocked.Exchange(ref _waiter, null)?.TrySetResult();
    }

    public void Close()
    {
        _closed = true;
        Interlocked.Exchange(ref _waiter, null)?.TrySetException(new ObjectDisposedException(nameof(UsageJournal)));
    }
}
