using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Faults;

/// <summary>
/// Carries calls. What is under way arrives also when the sender is killed meanwhile; what takes too long has happened, and the caller never
/// hears of it.
/// </summary>
internal sealed class Network
{
    private readonly World _world;
    private readonly FaultPlan _faults;
    private readonly Process _wire;
    private readonly Clock _clock;

    public Network(World world, FaultPlan faults)
    {
        (_world, _faults) = (world, faults);
        _wire = new Process(world);
        _clock = new Clock(world);
    }

    /// <summary>What the oracle found wrong; the run is over then.</summary>
    public Exception? Violation { get; private set; }

    public Task<T> CallAsync<T>(Func<Task<T>> effect, TimeSpan latency, TimeSpan timeout, Func<bool> isAway, bool canRepeat)
    {
        var reply = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wire.Start(async () =>
        {
            await _clock.DelayAsync(timeout);
            reply.TrySetException(new TimeoutException("no answer"));
        });
        _wire.Start(async () =>
        {
            await _clock.DelayAsync(Time(latency));
            if (isAway() || Happens(_faults.LostRequests)) return;
            try
            {
                var answer = await effect();
                if (canRepeat && Happens(_faults.Duplicates)) answer = await effect();
                if (Happens(_faults.LostReplies)) return;
                await _clock.DelayAsync(Time(latency));
                reply.TrySetResult(answer);
            }
            catch (Exception e) // of the models: they throw on purpose, and never as part of the game
            {
                Violation ??= e;
            }
        });
        return reply.Task;
    }

    private bool Happens(double share) => share > 0 && _world.Dice.NextDouble() < share;

    private TimeSpan Time(TimeSpan latency) =>
        Happens(_faults.Slow) ? TimeSpan.FromSeconds(_world.Dice.NextDouble() * 4) : latency * (0.5 + _world.Dice.NextDouble());
}
