using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Every request is one unit.</summary>
internal sealed class RequestCount : IMetricSource
{
    public string Name => "Requests";

    public string Origin => "each request is one";

    public bool IsKnownBefore => true;

    public long? MicroUnits(in Measurement measured) => MicroUnit.PerUnit;
}
