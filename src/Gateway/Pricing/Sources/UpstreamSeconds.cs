using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Time spent in the upstream, in seconds. A microsecond is a millionth of the unit; less than one is the customer's gain.</summary>
internal sealed class UpstreamSeconds : IMetricSource
{
    public string Name => "UpstreamSeconds";

    public long MicroUnits(in Measurement measured) => Math.Max(0, measured.Upstream.Ticks) / TimeSpan.TicksPerMicrosecond;
}
