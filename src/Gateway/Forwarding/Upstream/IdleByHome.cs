namespace Gateway.Forwarding.Upstream;

/// <summary>What is idle, by the <see cref="HomeThread"/> that hears of it; the last one in is the first one out. Not thread-safe: its owner sees to it.</summary>
internal sealed class IdleByHome<T>
    where T : class
{
    private readonly Stack<T>[] _byHome = [.. Enumerable.Range(0, HomeThread.Most).Select(_ => new Stack<T>())];

    public int Count { get; private set; }

    public void Add(int home, T idle)
    {
        _byHome[home].Push(idle);
        Count++;
    }

    public T? TryTakeAt(int home)
    {
        if (!_byHome[home].TryPop(out var idle)) return null;
        Count--;
        return idle;
    }

    /// <summary>One at this home, or, when there is none, at another.</summary>
    public T? TryTake(int home)
    {
        if (Count == 0) return null;
        for (; ; home = (home + 1) % HomeThread.Most)
        {
            if (TryTakeAt(home) is { } idle) return idle;
        }
    }

    public IReadOnlyList<T> TakeOut(Func<T, bool> isUnwanted)
    {
        List<T> taken = [];
        foreach (var idle in _byHome)
        {
            T[] all = [.. idle.Reverse()];
            idle.Clear();
            foreach (var one in all)
            {
                if (isUnwanted(one)) taken.Add(one);
                else idle.Push(one);
            }
        }

        Count -= taken.Count;
        return taken;
    }
}
