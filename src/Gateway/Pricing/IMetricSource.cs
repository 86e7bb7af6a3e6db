using Gateway.Model;

namespace Gateway.Pricing;

/// <summary>Says how many units a request was.</summary>
internal interface IMetricSource
{
    /// <summary>The name used in the configuration, <c>Gateway:Routes:…:Meters:…:Source</c>.</summary>
    string Name { get; }

    /// <summary>Millionths of a unit, 0 or more. Must not throw.</summary>
    long MicroUnits(in Measurement measured);
}
