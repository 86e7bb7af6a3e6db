using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Every request is as many units as the configuration says.</summary>
internal sealed class Constant(long units) : IMetricSource
{
    public string Name => "Constant";

    public string Origin => "a constant (Units)";

    public bool IsKnownBefore => true;

    public long Units => units;

    public long? MicroUnits(in Measurement measured) => units * MicroUnit.PerUnit;
}
