using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Cli.Explain;

/// <summary>Whether the configuration in force makes of what the journal recorded the units that were charged.</summary>
internal static class Recalculation
{
    public const string Agrees = "agrees";
    public const string Changed = "changed";
    public const string Unknown = "unknown";

    // The journal has time in microseconds; a meter of milliseconds counts in tenths of that.
    private const long LostInTheJournal = 1_000;

    /// <param name="parts">Of one request, in their order.</param>
    /// <param name="catalog">In force.</param>
    public static IEnumerable<CheckExplanation> Of(IReadOnlyList<FoundPart> parts, MeterCatalog catalog)
    {
        var end = parts.LastOrDefault(p => p.Kind == "request");
        var slices = parts.Count(p => p.Kind.StartsWith("slice", StringComparison.Ordinal));
        var isWhole = end is not null && (slices == 0 || parts.Any(p => p.Kind == $"slice {slices}"));
        List<FoundPart> own = [.. parts.Where(p => p.Kind != "job")];
        if (own.Count > 0)
        {
            var last = end ?? own[^1];
            foreach (var check in Of(own, last.Settlement, isWhole, catalog)) yield return check;
        }

        foreach (var job in parts.Where(p => p.Kind == "job"))
        {
            foreach (var check in Of([job], job.Settlement, isWhole: true, catalog)) yield return check;
        }
    }

    private static IEnumerable<CheckExplanation> Of(List<FoundPart> parts, Settlement end, bool isWhole, MeterCatalog catalog)
    {
        if (end.RouteId.Length == 0)
        {
            yield return new CheckExplanation("", Unknown, "it was charged at a restart with what it held (Gateway:Journal:Recovery); nothing was measured");
            yield break;
        }

        if (!catalog.TryGet(end.RouteId, out var rule))
        {
            yield return new CheckExplanation("", Changed, $"the configuration has changed since: it has no route '{end.RouteId}'");
            yield break;
        }

        var runs = parts.SelectMany(p => MeasuredRun.Of(p.Settlement)).ToList();
        foreach (var metric in runs.GroupBy(r => r.Metric))
        {
            var (verdict, text) = Check([.. metric], end, isWhole, rule);
            yield return new CheckExplanation(metric.Key.Value, verdict, verdict == Changed ? $"the configuration has changed since: {text}" : text);
        }

        if (end.Outcome != Outcome.Answered || parts[0].Kind == "job") yield break;
        foreach (var meter in rule.Meters.Where(m => m is { IsUnconditional: true, Job: null, Source: RequestCount or Constant } && runs.TrueForAll(r => r.Metric != m.Metric.Name)))
        {
            if (meter.Billable.ShareOf(end.Outcome, end.StatusCode) == Share.Full)
                yield return new CheckExplanation(meter.Metric.Name.Value, Changed, "the configuration has changed since: every request is charged on this metric too");
        }
    }

    private static (string Verdict, string Text) Check(List<MeasuredRun> runs, in Settlement end, bool isWhole, RouteRule rule)
    {
        var name = runs[0].Metric;
        List<Meter> meters = [.. rule.Meters.Where(m => m.Metric.Name == name)];
        if (rule.Free) return (Changed, $"the route '{rule.RouteId}' is free");
        if (meters is not [var any, ..]) return (Changed, $"no meter of the route '{rule.RouteId}' charges '{name}'");
        if (any.Metric.BillableMetricId != runs[0].BillableMetricId) return (Changed, $"'{name}' is {any.Metric.BillableMetricId} at Paygentic; it was {runs[0].BillableMetricId}");
        if (runs[0].IsCarried != (any.Metric.Rounding == Rounding.Carry))
            return (Changed, runs[0].IsCarried ? "each request is rounded up by itself; its fraction was carried" : "the fraction is carried; the request was rounded up by itself");
        if (end.Outcome == Outcome.Unknown) return (Unknown, "the journal of that time does not say what was measured");

        int? status = end.Outcome == Outcome.Answered ? end.StatusCode : null;
        var (outcome, unit) = (end.Outcome, any.Metric.Unit);
        meters.RemoveAll(m => m.Billable.ShareOf(outcome, status) == Share.Nothing);
        if (meters.Count == 0) return (Changed, $"a request that ends so ({outcome}{(status is null ? "" : $", {status}")}) costs nothing (Billable)");

        var (measured, units) = (runs.Sum(r => r.Measured), runs.Sum(r => r.Units));
        if (!runs.TrueForAll(IsRounded))
        {
            return BillablePolicy.IsCut(outcome)
                ? (Agrees, $"{Words.Amount(measured, unit)} measured, of which what was held is charged, for it was cut")
                : (Unknown, $"{Words.Amount(measured, unit)} measured do not make {Words.Count(units, unit)}; that is not of the configuration");
        }

        var upstream = TimeSpan.FromMicroseconds(end.UpstreamMicroseconds);
        List<(Meter Meter, long Expected)> expected = [.. meters.Select(m => (m, Expected(m, upstream, isWhole))).Where(e => e.Item2 is not null).Select(e => (e.m, e.Item2!.Value))];
        var how = any.Metric.Rounding == Rounding.Carry ? ", the fraction carried" : measured % MicroUnit.PerUnit == 0 ? "" : ", rounded up";
        if (expected.Count < meters.Count) return (Agrees, $"{Words.Amount(measured, unit)} as it was measured then ({meters.Find(m => Expected(m, upstream, isWhole) is null)!.Source.Origin}){how}");
        if (expected.Find(e => runs.TrueForAll(r => Near(r.Measured, e.Expected)) || Near(measured, e.Expected)) is { Meter: { } same })
            return (Agrees, $"{Words.Amount(measured, unit)}: {same.Source.Origin}{how}");
        return (Changed, $"{Words.Amount(measured, unit)} were measured; now it is {string.Join(" or ", expected.Select(e => $"{MicroUnit.Text(e.Expected)} ({e.Meter.Source.Origin})"))}");
    }

    private static bool IsRounded(MeasuredRun run) => run.IsCarried ? run.CarryBefore is not null : MicroUnit.Ceiling(run.Measured) == run.Units;

    private static bool Near(long measured, long expected) => Math.Abs(measured - expected) < LostInTheJournal;

    /// <summary>Null: the journal does not have what it follows from.</summary>
    private static long? Expected(Meter meter, TimeSpan upstream, bool isWhole) => meter.Source switch
    {
        RequestCount or Constant => meter.Source.MicroUnits(default),
        UpstreamSeconds { Until: TimedUntil.End } or UpstreamMilliseconds { Until: TimedUntil.End } when isWhole => meter.Source.MicroUnits(new Measurement(upstream)),
        _ => null,
    };
}
