namespace Gateway.Simulation.Duel;

/// <summary>A Redis of plain counters, for the rules that need no more. It can forget its last changes.</summary>
internal sealed class SharedCounters
{
    private const int MaxUndo = 200;

    private readonly Dictionary<string, long> _values = [];
    private readonly LinkedList<(string Key, long? Before)> _undo = new();

    public long Calls { get; private set; }

    public long? Get(string key)
    {
        Calls++;
        return Peek(key);
    }

    public void Set(string key, long value)
    {
        Calls++;
        Write(key, value);
    }

    public long Increment(string key, long by)
    {
        Calls++;
        return Write(key, (Peek(key) ?? 0) + by);
    }

    /// <summary>A script: takes one if there is one. Null when the key is not there.</summary>
    public bool? TryTake(string key)
    {
        Calls++;
        if (Peek(key) is not { } left) return null;
        if (left <= 0) return false;
        Write(key, left - 1);
        return true;
    }

    public void ForgetLast(int changes)
    {
        for (var i = 0; i < changes && _undo.Last is { } last; i++)
        {
            if (last.Value.Before is { } before) _values[last.Value.Key] = before;
            else _values.Remove(last.Value.Key);
            _undo.RemoveLast();
        }
    }

    private long? Peek(string key) => _values.TryGetValue(key, out var value) ? value : null;

    private long Write(string key, long value)
    {
        _undo.AddLast((key, Peek(key)));
        if (_undo.Count > MaxUndo) _undo.RemoveFirst();
        return _values[key] = value;
    }
}
