using System.Collections.Immutable;
using Gateway.Pricing.Matching;
using Gateway.Pricing.Sources;

namespace Gateway.Pricing;

/// <summary>What one of YARP's routes costs, and who may use it.</summary>
internal sealed class RouteRule
{
    /// <summary>Most meters a route can have.</summary>
    public const int MaxMeters = 32;

    // Up to this many conditions, what they select is worked out beforehand (256 arrays at most); beyond, per request.
    private const int MaxPrepared = 8;

    // As much as a meter can hold.
    private const long MostFromBody = 1_000_000;

    private readonly bool _isPricedByBody;
    private readonly ImmutableArray<Meter> _conditional;
    private readonly ImmutableArray<Meter>[] _prepared = [];

    public RouteRule(string routeId, ImmutableArray<Meter> meters, BillablePolicy billable, BodyFields? bodyFields)
    {
        RouteId = routeId;
        Meters = meters;
        Billable = billable;
        BodyFields = bodyFields;
        _isPricedByBody = meters.Any(m => m.Source is RequestJson);
        HasJobs = meters.Any(m => m.Job is not null);
        TakesCallbacks = meters.Any(m => m.Job is { IsCallback: true });
        CountsRequestBytes = meters.Any(m => m.Source is RequestBytes);
        _conditional = [.. meters.Where(m => m.When is not null)];
        if (_conditional.Length <= MaxPrepared)
        {
            _prepared = [.. Enumerable.Range(0, 1 << _conditional.Length).Select(held => Charging((uint)held))];
        }
    }

    public string RouteId { get; }

    /// <summary>Nothing is charged, by the operator's word.</summary>
    public bool Free { get; init; }

    /// <summary>No key is asked for. Free routes only.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Everything is decided and recorded, nobody is refused or charged.</summary>
    public bool IsShadow { get; init; }

    public ImmutableArray<Meter> Meters { get; }

    public BillablePolicy Billable { get; }

    /// <summary>
    /// Units of a metric that each customer may have on this route, on each node and in each outage, without anything being reserved. 0: such
    /// requests are refused.
    /// </summary>
    public long Allowance { get; init; }

    /// <summary>Reads what the conditions need of a body; null when none needs any.</summary>
    public BodyFields? BodyFields { get; }

    public bool InspectsBody => BodyFields is not null;

    /// <summary>What the meters look at in the answer's body, or in the request's where that is a callback; null when none looks.</summary>
    public ResponseFields? ResponseFields { get; init; }

    public bool CountsRequestBytes { get; }

    /// <summary>Whether a meter charges jobs, whose results are charged once.</summary>
    public bool HasJobs { get; }

    /// <summary>Its requests are results of jobs, told by the API to whoever submitted them: they hold nothing themselves.</summary>
    public bool TakesCallbacks { get; }

    /// <summary>Whether every request is charged on all meters, and what it holds is known beforehand: nothing has to be looked at.</summary>
    public bool IsUnconditional => _conditional.IsEmpty && !_isPricedByBody;

    /// <summary>The meters that charge this request. Does not throw; does not allocate up to 8 conditions of plain text.</summary>
    public Selection Select(in RequestFacts facts)
    {
        if (facts.Body.Error is { } error) return new Selection([], error);

        uint held = 0;
        for (var i = 0; i < _conditional.Length; i++)
        {
            var condition = _conditional[i].When!;
            var answer = condition.Holds(in facts);
            if (answer == Answer.Unclear) return new Selection([], condition.WhatIsUnclear(in facts));
            if (answer == Answer.Yes) held |= 1u << i;
        }

        var selection = new Selection(_prepared.Length > 0 ? _prepared[held] : Charging(held), null);
        return _isPricedByBody ? PriceByBody(selection.Meters, facts) : selection;
    }

    /// <summary>What the request itself says of its quantity is held to the unit.</summary>
    private static Selection PriceByBody(ImmutableArray<Meter> meters, in RequestFacts facts)
    {
        var body = facts.Body;
        var priced = meters.ToBuilder();
        for (var i = 0; i < priced.Count; i++)
        {
            var meter = priced[i];
            if (meter.Source is not RequestJson source) continue;

            // Rails and Laravel have one set of parameters for both: with the former the query's go first, with the latter where the body has none.
            if (QuerySpelling.Has(facts.RawQuery, source.Outermost))
                return new Selection([], $"The price depends on the body's '{source.Path}', and the query has a parameter '{source.Outermost}': some servers take it in place of the body's.");
            var units = source.Read(body) is { } microUnits ? MicroUnit.Ceiling(microUnits) : source.IsMissing(body) ? meter.IfMissing : null;
            if (units is null or > MostFromBody)
                return new Selection([], $"The price depends on the body's '{source.Path}': a number or a list is needed there, of up to {MostFromBody} units.");

            // An API that has a value of its own takes that also where it can not use what it gets: for a 0, and for a list where a number is meant.
            if (meter.IfMissing > 0 && !source.IsMissing(body) && (units == 0 || (source.IsList(body) && units < meter.IfMissing)))
                return new Selection([], $"The price depends on the body's '{source.Path}': a number above 0 is needed there, or nothing.");
            priced[i] = meter with { HoldUnits = Math.Max(1, units.Value) };
        }

        return new Selection(priced.ToImmutable(), null);
    }

    private ImmutableArray<Meter> Charging(uint held) =>
        [.. Meters.Where(m => m.IsUnconditional || (m.Otherwise && held == 0) || IsHeld(m, held))];

    private bool IsHeld(Meter meter, uint held) =>
        meter.When is not null && (held & (1u << _conditional.IndexOf(meter))) != 0;
}
