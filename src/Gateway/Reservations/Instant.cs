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

    public bool HasReached(in Instant deadline) => Timestamp >= deadline.Timestamp || UtcTicks >= deadline.UtcTicks;
}
