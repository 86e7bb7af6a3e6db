namespace Gateway.Shipping;

/// <summary>How long an event that was put off waits for its next attempt: 2 seconds, doubled each time, at most a minute.</summary>
internal static class Deferral
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <param name="attempts">Attempts alone so far.</param>
    /// <param name="clock">Whose ticks.</param>
    public static long Ticks(int attempts, TimeProvider clock)
    {
        var wait = First * Math.Pow(2, Math.Min(attempts, 10));
        return (long)((wait < Longest ? wait : Longest).TotalSeconds * clock.TimestampFrequency);
    }
}
