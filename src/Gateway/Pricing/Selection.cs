using System.Collections.Immutable;

namespace Gateway.Pricing;

/// <summary>The meters that charge one request, or why that cannot be told.</summary>
/// <param name="Meters">In the order of the configuration; empty when nothing is charged or the request is malformed.</param>
/// <param name="Malformed">Null, or a text for the caller (400) that names what is unclear; never holds what was sent.</param>
internal readonly record struct Selection(ImmutableArray<Meter> Meters, string? Malformed)
{
    public bool IsMalformed => Malformed is not null;
}
