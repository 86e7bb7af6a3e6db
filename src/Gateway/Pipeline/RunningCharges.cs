using System.Collections.Concurrent;

namespace Gateway.Pipeline;

/// <summary>Looks after all answers that go on, ten times a second: one timer, however many there are.</summary>
internal sealed class RunningCharges(TimeProvider clock) : BackgroundService
{
    /// <summary>How late a slice or a cut can be.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<RunningCharge, byte> _running = new();

    /// <summary>Answers that go on now.</summary>
    public int Count => _running.Count;

    public void Add(RunningCharge charge) => _running.TryAdd(charge, 0);

    public void Remove(RunningCharge charge) => _running.TryRemove(charge, out _);

    /// <summary>Looks after each of them once.</summary>
    public void Tick()
    {
        foreach (var (charge, _) in _running) charge.Tick();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        using var stop = stoppingToken.Register(timer.Dispose); // a wait then ends with false
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            Tick();
        }
    }
}
