namespace Gateway.Simulation.Scheduling;

/// <summary>A machine's clocks. The wall's can be wrong and be set; the monotonic one stands still while the machine is suspended.</summary>
internal sealed class Clock(World world) : TimeProvider
{
    public TimeSpan WallError { get; set; }

    public TimeSpan Suspended { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => World.Start + TimeSpan.FromTicks(world.Now) + WallError;

    public override long GetTimestamp() => world.Now - Suspended.Ticks + 1; // never 0: that means "not yet" here and there

    /// <summary>As <see cref="Task.Delay(TimeSpan, TimeProvider)"/>, which knows whole milliseconds only and makes nothing of less.</summary>
    public Task DelayAsync(TimeSpan time)
    {
        if (time <= TimeSpan.Zero) return Task.CompletedTask;
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), passed, time, Timeout.InfiniteTimeSpan);
        return passed.Task;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(world, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
