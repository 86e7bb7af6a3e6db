namespace Gateway.Simulation.Scheduling;

/// <summary>
/// One thread, one queue and a clock that jumps to whatever is due next. Among the things that could run now a seeded die chooses, so a seed is an
/// interleaving, and the same seed is the same interleaving.
/// </summary>
internal sealed class World(Random dice)
{
    private readonly List<(Process Owner, SendOrPostCallback Work, object? State)> _ready = [];
    private readonly PriorityQueue<SimulatedTimer, (long Due, long Order)> _timers = new();
    // A hundred times what the busiest world takes: beyond, something goes round in circles.
    private const long MaxSteps = 5_000_000;

    private long _order;

    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Ticks of 100 ns since the start.</summary>
    public long Now { get; private set; }

    public Random Dice => dice;

    public long Steps { get; private set; }

    public void Post(Process owner, SendOrPostCallback work, object? state) => _ready.Add((owner, work, state));

    /// <summary>Runs until nothing is left to do before <paramref name="until"/>, and then it is that time.</summary>
    public void Run(TimeSpan until)
    {
        while (true)
        {
            while (_ready.Count > 0) RunOne();
            if (!_timers.TryPeek(out var next, out var at) || at.Due > until.Ticks) break;
            _timers.Dequeue();
            if (!next.IsDueAt(at.Due)) continue; // changed or disposed since
            Now = Math.Max(Now, at.Due);
            next.Fire();
        }

        Now = Math.Max(Now, until.Ticks);
    }

    public void Schedule(SimulatedTimer timer, long due) => _timers.Enqueue(timer, (due, _order++));

    private void RunOne()
    {
        var index = dice.Next(_ready.Count);
        var (owner, work, state) = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (++Steps > MaxSteps) throw new InvalidOperationException("The world does not come to rest.");
        owner.Run(work, state);
    }
}

internal sealed class SimulatedTimer(World world, TimerCallback callback, object? state) : ITimer
{
    private long _due = -1;
    private long _period;

    public bool IsDueAt(long ticks) => _due == ticks;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period.Ticks;
        _due = dueTime < TimeSpan.Zero ? -1 : world.Now + dueTime.Ticks;
        if (_due >= 0) world.Schedule(this, _due);
        return true;
    }

    public void Fire()
    {
        _due = -1;
        if (_period > 0)
        {
            _due = world.Now + _period;
            world.Schedule(this, _due);
        }

        callback(state);
    }

    public void Dispose() => _due = -1;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
