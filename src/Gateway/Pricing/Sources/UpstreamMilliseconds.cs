using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Time spent in the upstream, in milliseconds. A tick is 100 millionths of the unit; past 2,900 years it stays at the most there is.</summary>
internal sealed record UpstreamMilliseconds(TimedUntil Until = TimedUntil.End) : IMetricSource
{
    private const long MicroUnitsPerTick = 100;

    public string Name => "UpstreamMilliseconds";

    public string Origin => UpstreamSeconds.Described(Until);

    public bool Grows => true;

    public long? MicroUnits(in Measurement measured)
    {
        var ticks = UpstreamSeconds.Ticks(measured, Until);
        return ticks > long.MaxValue / MicroUnitsPerTick ? long.MaxValue : ticks * MicroUnitsPerTick;
    }

    public TimeSpan? TimeUntil(long microUnits, in Measurement measured) =>
        UpstreamSeconds.Left((microUnits + MicroUnitsPerTick - 1) / MicroUnitsPerTick, measured, Until);
}
