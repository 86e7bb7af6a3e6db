namespace Gateway.FunctionalTests.Kit;

/// <summary>For what another process does in its own time: looks again every few milliseconds, until it has happened or patience ends.</summary>
internal sealed class Deadline(TimeSpan patience)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly long _started = TimeProvider.System.GetTimestamp();

    /// <summary>False when the time is up.</summary>
    public async Task<bool> TickAsync()
    {
        if (TimeProvider.System.GetElapsedTime(_started) > patience) return false;
        await Task.Delay(Step, TimeProvider.System);
        return true;
    }
}
