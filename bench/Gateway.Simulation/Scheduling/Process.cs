namespace Gateway.Simulation.Scheduling;

/// <summary>Something that runs in the world and can be paused (SIGSTOP) or killed (SIGKILL): then what it would have done next never happens.</summary>
internal sealed class Process(World world) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Work, object? State)> _held = [];

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsPaused) _held.Add((d, state));
        else if (IsAlive) world.Post(this, d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Starts work of this process.</summary>
    public void Start(Func<Task> work) => Post(static state => _ = ((Func<Task>)state!)(), work);

    public void Kill()
    {
        IsAlive = false;
        _held.Clear();
    }

    public void Pause() => IsPaused = true;

    public void Continue()
    {
        IsPaused = false;
        foreach (var (work, state) in _held) Post(work, state);
        _held.Clear();
    }

    public void Run(SendOrPostCallback work, object? state)
    {
        if (!IsAlive) return;
        if (IsPaused)
        {
            _held.Add((work, state));
            return;
        }

        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            work(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
