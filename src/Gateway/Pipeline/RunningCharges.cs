namespace Gateway.Pipeline;

/// <summary>Looks after all answers that go on: one timer, however many there are, and each only when there is something to do for it.</summary>
internal sealed class RunningCharges(TimeProvider clock, Drain drain) : BackgroundService
{
    /// <summary>How late a slice or a cut can be, and a little.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private readonly TimingWheel _wheel = new(clock);

    /// <summary>Answers that go on now.</summary>
    public int Count => _wheel.Count;

    public void Add(RunningCharge charge) => _wheel.Add(charge);

    public void Remove(RunningCharge charge) => _wheel.Remove(charge);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        using var stop = stoppingToken.Register(timer.Dispose); // a wait then ends with false
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            _wheel.Turn(all: drain.IsDue);
        }
    }
}
