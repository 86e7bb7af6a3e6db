namespace Gateway.Reservations;

/// <summary>
/// One moment on two clocks: the wall's, which may be set, and the monotonic one, which may stand still while a machine is suspended. A deadline
/// is reached as soon as either says so.
/// </summary>
internal readonly record struct Instant(long UtcTicks, long Timestamp)
{
    public static Instant Now(TimeProvider clock) => new(clock.GetUtcNow().UtcTicks, clock.GetTimestamp());

    public Instant After(TimeSpan time, TimeProvider clock) =>
        new(UtcTicks + time.Ticks, Timestamp + (long)(time.TotalSeconds * clock.TimestampFrequency));

    /// <summary>Time passed since <paramref name="earlier"/>, by the clock that says more.</summary>
    public TimeSpan Since(in Instant earlier, TimeProvider clock)
    {
        var (wall, monotonic) = (TimeSpan.FromTicks(UtcTicks - earlier.UtcTicks), clock.GetElapsedTime(earlier.Timestamp, Timestamp));
        return wall > monotonic ? wall : monotonic;
    }

    public bool HasReached(in Instant deadline) => Timestamp >= deadline.Timestamp || UtcTicks >= deadline.UtcTicks;
}
