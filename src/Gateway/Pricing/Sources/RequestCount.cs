using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Every request is one unit.</summary>
internal sealed class RequestCount : IMetricSource
{
    public string Name => "Requests";

    public long? MicroUnits(in Measurement measured) => MicroUnit.PerUnit;
}
