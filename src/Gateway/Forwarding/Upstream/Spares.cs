using System.Collections.Concurrent;

namespace Gateway.Forwarding.Upstream;

/// <summary>Objects that wait to be used again, up to a number. A queue's own count takes a lock once it has grown.</summary>
internal sealed class Spares<T>(int most)
    where T : class
{
    private readonly ConcurrentQueue<T> _kept = new();
    private int _count;

    public T? TryTake()
    {
        if (!_kept.TryDequeue(out var spare)) return null;
        Interlocked.Decrement(ref _count);
        return spare;
    }

    /// <summary>False when there are enough.</summary>
    public bool TryKeep(T spare)
    {
        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _kept.Enqueue(spare);
        return true;
    }
}
