using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Time spent in the upstream, in seconds. A microsecond is a millionth of the unit; less than one is the customer's gain.</summary>
internal sealed record UpstreamSeconds(TimedUntil Until = TimedUntil.End) : IMetricSource
{
    public string Name => "UpstreamSeconds";

    public string Origin => Described(Until);

    public bool Grows => true;

    public long? MicroUnits(in Measurement measured) => Ticks(measured, Until) / TimeSpan.TicksPerMicrosecond;

    public static string Described(TimedUntil until) =>
        until == TimedUntil.Headers ? "time from the start of forwarding to the answer's headers" : "time from the start of forwarding to the end of the answer";

    public TimeSpan? TimeUntil(long microUnits, in Measurement measured) => Left(microUnits * TimeSpan.TicksPerMicrosecond, measured, Until);

    /// <summary>Until the time is so many ticks; what ended with the headers is never more.</summary>
    public static TimeSpan Left(long ticks, in Measurement measured, TimedUntil until) =>
        until == TimedUntil.Headers && measured.ToHeaders is not null ? TimeSpan.MaxValue : TimeSpan.FromTicks(Math.Max(0, ticks - Ticks(measured, until)));

    public static long Ticks(in Measurement measured, TimedUntil until) =>
        Math.Max(0, (until == TimedUntil.Headers ? measured.ToHeaders ?? measured.Upstream : measured.Upstream).Ticks);
}
