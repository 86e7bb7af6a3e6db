using Gateway.Model;

namespace Gateway.Pricing;

/// <summary>Says how many units a request was.</summary>
internal interface IMetricSource
{
    /// <summary>The name used in the configuration, <c>Gateway:Routes:…:Meters:…:Source</c>.</summary>
    string Name { get; }

    /// <summary>Where the quantity comes from, for people.</summary>
    string Origin { get; }

    /// <summary>Whether the request alone says the quantity, so that it is known before anything is forwarded.</summary>
    bool IsKnownBefore => false;

    /// <summary>Whether the quantity grows while a request runs, so that a part of it can be charged before the end.</summary>
    bool Grows => false;

    /// <summary>
    /// Millionths of a unit, 0 or more. Null: it should have been said, and was not. Must not throw, and never falls while a request runs
    /// if it <see cref="Grows"/>.
    /// </summary>
    long? MicroUnits(in Measurement measured);

    /// <summary>How long it takes from now at the least until the quantity is so many millionths; null: that can not be foreseen.</summary>
    TimeSpan? TimeUntil(long microUnits, in Measurement measured) => null;
}
