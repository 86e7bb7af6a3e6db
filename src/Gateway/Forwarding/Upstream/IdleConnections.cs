namespace Gateway.Forwarding.Upstream;

/// <summary>Idle connections by the thread that hears of them. Not thread-safe: <see cref="ConnectionPool"/> sees to it.</summary>
internal sealed class IdleConnections
{
    private readonly Stack<Http1Connection>[] _byHome = [.. Enumerable.Range(0, HomeThread.Most).Select(_ => new Stack<Http1Connection>())];

    public int Count { get; private set; }

    public void Add(Http1Connection connection)
    {
        _byHome[connection.Home].Push(connection);
        Count++;
    }

    public Http1Connection? TryTakeAtHome() => TryTakeFrom(HomeThread.Current);

    /// <summary>Whichever.</summary>
    public Http1Connection? TryTake()
    {
        if (Count == 0) return null;
        for (var home = HomeThread.Current; ; home = (home + 1) % HomeThread.Most)
        {
            if (TryTakeFrom(home) is { } connection) return connection;
        }
    }

    public IReadOnlyList<Http1Connection> TakeOut(Func<Http1Connection, bool> isUnwanted)
    {
        List<Http1Connection>? taken = null;
        foreach (var idle in _byHome)
        {
            if (!idle.Any(isUnwanted)) continue;
            Http1Connection[] all = [.. idle.Reverse()];
            idle.Clear();
            foreach (var connection in all)
            {
                if (isUnwanted(connection)) (taken ??= []).Add(connection);
                else idle.Push(connection);
            }
        }

        Count -= taken?.Count ?? 0;
        return taken ?? [];
    }

    private Http1Connection? TryTakeFrom(int home)
    {
        if (!_byHome[home].TryPop(out var connection)) return null;
        Count--;
        return connection;
    }
}
