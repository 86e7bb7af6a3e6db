using System.Collections.Immutable;
using Gateway.Jobs;
using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Configuration.Reading;

/// <summary>Reads <c>Gateway:Routes</c> into rules.</summary>
internal sealed class RouteReader(IReadOnlyDictionary<string, Metric> metrics, IReadOnlyDictionary<string, JobOptions> jobs)
{
    /// <summary>Most units that one request can have set aside on one meter.</summary>
    public const long MaxHold = 1_000_000;

    private const long MaxAllowance = 1_000_000_000;

    // Routes that cost the same share their meters: with thousands of routes those stay in the processor's cache.
    private readonly Dictionary<Meter, Meter> _known = [];

    /// <param name="at">One entry of <c>Gateway:Routes</c>.</param>
    /// <param name="pathParameters">Parameters of the route's path; null when they cannot be told.</param>
    public RouteRule Read(SectionReader at, IReadOnlyCollection<string>? pathParameters)
    {
        var free = at.Flag("Free", false);
        var anonymous = at.Flag("Anonymous", false);
        var isShadow = at.Choice("Mode", RouteMode.Enforce) == RouteMode.Shadow;
        var fields = new FieldReader();
        var conditions = new ConditionReader(pathParameters, fields);
        var billable = BillableReader.Read(at.Object("Billable"));
        var items = at.Items("Meters");
        var meters = items.Select((item, index) => Meter(item, index, conditions, fields, billable, pathParameters)).OfType<Meter>().ToImmutableArray();
        var allowance = Allowance(at);

        if (anonymous && !free) at.Error("Anonymous", "only a free route can be; without a key nobody could be charged");
        if (free && isShadow) at.Error("Mode", "has no meaning on a free route: nobody is charged there anyway");
        if (free && items.Count > 0) at.Error("Free", "a free route has no Meters; remove one of the two");
        if (!free && items.Count == 0) at.Error("has no Meters; write \"Free\": true if it is meant to cost nothing");
        CheckMeters(at, items, meters);
        if (fields.Items is not null && meters.FirstOrDefault(m => m is { Source: ResponseJson, Job: null }) is { } whole)
            items[whole.Index].Error("Path", $"can not be read: another meter of this route looks at each of {fields.Items}");
        at.End();
        if (isShadow) meters = [.. meters.Select(m => Known(m with { Metric = m.Metric.AsShadow() }))];
        return new RouteRule(at.Key, meters, billable, fields.Request)
        {
            Free = free,
            Anonymous = anonymous,
            IsShadow = isShadow,
            Allowance = allowance,
            ResponseFields = fields.Response,
        };
    }

    private static long Allowance(SectionReader at)
    {
        var policy = at.Choice("WhenUnavailable", WhenUnavailable.Deny);
        if (policy == WhenUnavailable.Allow && !at.Has("AllowanceUnits"))
            at.Error("AllowanceUnits", "is needed with \"WhenUnavailable\": \"Allow\": how many units a customer may have while billing is away");
        if (policy == WhenUnavailable.Deny && at.Has("AllowanceUnits"))
            at.Error("AllowanceUnits", "means nothing without \"WhenUnavailable\": \"Allow\"");
        var units = at.Integer("AllowanceUnits", 0L, 1L, MaxAllowance);
        return policy == WhenUnavailable.Allow ? units : 0;
    }

    private Meter? Meter(SectionReader at, int index, ConditionReader conditions, FieldReader fields, BillablePolicy billable, IReadOnlyCollection<string>? pathParameters)
    {
        var metric = Metric(at);
        var source = new SourceReader(fields).Read(at);
        var hold = at.Integer("Hold", 1L, 1L, MaxHold);
        var ifMissing = at.Integer("IfMissing", 0L, 0L, MaxHold);
        var isConditional = at.Has("When") || at.Names().Contains("When", StringComparer.OrdinalIgnoreCase); // an empty object has no value, and is not "always"
        var condition = isConditional ? conditions.Read(at, "When") : null;
        var otherwise = at.Flag("Otherwise", false);
        var own = at.Has("Billable") ? BillableReader.Read(at.Object("Billable")) : null;

        if (source == MetricSources.Requests && hold != 1) at.Error("Hold", "a request is always 1 unit; leave Hold out, or give another Source");
        var job = new JobReader(jobs).Read(at, source as ResponseJson, hold, fields, pathParameters);
        if (source is Constant constant)
        {
            if (at.Has("Hold")) at.Error("Hold", "means nothing to a Constant: all of its Units are held");
            hold = constant.Units;
        }

        if (source is RequestJson && at.Has("Hold")) at.Error("Hold", "means nothing to RequestJson: what the request says is held");
        if (condition is not null && otherwise) at.Error("Otherwise", "a meter has When or Otherwise, not both");
        at.End();
        return metric is null ? null : Known(new Meter(index, metric, source, hold, condition, otherwise)
        {
            Billable = own ?? billable,
            Job = job,
            IfMissing = at.Has("IfMissing") ? ifMissing : null,
        });
    }

    private Meter Known(Meter meter) => _known.TryAdd(meter, meter) ? meter : _known[meter];

    private static bool IsCallback(Meter meter) => meter.Job is { IsCallback: true };

    private Metric? Metric(SectionReader at)
    {
        var name = at.Required("Metric", "name one of Gateway.Metrics");
        if (name.Length == 0 || metrics.TryGetValue(name, out var metric)) return name.Length == 0 ? null : metrics[name];

        at.Error("Metric", $"unknown metric '{name}'{Suggestion.For(name, [.. metrics.Keys])}");
        return null;
    }

    private static void CheckMeters(SectionReader at, List<SectionReader> items, ImmutableArray<Meter> meters)
    {
        if (meters.Any(IsCallback) && meters.FirstOrDefault(m => !IsCallback(m)) is { } other)
            items[other.Index].Error("a route takes callbacks, or requests that are charged; give the callbacks a route of their own");
        if (items.Count > RouteRule.MaxMeters) at.Error("Meters", $"has {items.Count} meters; at most {RouteRule.MaxMeters} are possible");
        if (meters.Length == items.Count && meters.Any(m => m.Otherwise) && meters.All(m => m.When is null))
        {
            at.Error("Meters", "has an Otherwise, but no meter with When; leave Otherwise out to charge always");
        }
        foreach (var twice in meters.Where(m => m.IsUnconditional).GroupBy(m => m.Metric.Name).SelectMany(g => g.Skip(1)))
        {
            items[twice.Index].Error("Metric", $"'{twice.Metric.Name}' is already charged for every request of this route");
        }
    }
}
