using System.Collections.Immutable;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Model;
using Gateway.Pipeline;
using Gateway.Pricing;
using Gateway.Pricing.Matching;
using Gateway.Pricing.Sources;

namespace Gateway.Cli.Explain;

/// <summary>
/// Says what a request would cost, by the code that decides when it comes: <see cref="InspectedBody"/> reads it, <see cref="RouteRule.Select"/> prices it,
/// <see cref="BillablePolicy"/> and <see cref="Meter.MicroUnits"/> say what each end costs.
/// </summary>
internal sealed class CostExplainer(GatewaySnapshot snapshot)
{
    /// <param name="context">The request, its route's path parameters among its route values. Its key is taken out.</param>
    /// <param name="rule">The route's.</param>
    /// <param name="path">As it was told; null: it was not.</param>
    public async Task<CostExplanation> ExplainAsync(HttpContext context, RouteRule rule, string? path)
    {
        var request = context.Request;
        var key = snapshot.KeyReader.Read(request.Headers, request.Query);
        request.QueryString = snapshot.KeyReader.Strip(key, request.Headers, request.QueryString); // as the pipeline does before it prices
        var about = new CostExplanation
        {
            Method = request.Method,
            Path = path,
            Route = rule.RouteId,
            Free = rule.Free,
            Anonymous = rule.Anonymous,
            WhenUnavailable = rule.Free ? null : (rule.Allowance > 0 ? WhenUnavailable.Allow : WhenUnavailable.Deny).ToString(),
            AllowanceUnits = rule.Allowance,
            Notes = [.. Notes(rule)],
        };
        if (rule.Free) return about;

        var (body, unreadable) = await InspectedBody.ReadAsync(context, rule, snapshot.Options.MaxInspectedBodyBytes);
        if (unreadable is { } refused) return about with { Refused = Refuse(refused.Denial, refused.Detail) };
        var facts = new RequestFacts(request.Method, request.Headers, request.QueryString.Value, request.Query, request.RouteValues, body);
        var selection = rule.Select(facts);
        return selection.Malformed is { } unclear
            ? about with { Refused = Refuse(Denial.BodyMalformed, unclear), Meters = [.. rule.Meters.Select(m => NotPriced(m, facts))] }
            : about with
            {
                Meters = [.. rule.Meters.Select(m => Explain(m, selection.Meters.FirstOrDefault(s => s.Index == m.Index), rule, selection.Meters, facts))],
                Endings = [.. Endings.Of(selection.Meters, body)],
            };
    }

    private static IEnumerable<string> Notes(RouteRule rule)
    {
        if (rule.IsShadow) yield return "The route is in shadow mode: this is what would become of it. Nobody is refused or charged.";
        if (rule.TakesCallbacks) yield return "The route takes callbacks: its requests hold nothing, and who submitted the job is charged, once.";
    }

    public static RefusalExplanation Refuse(Denial denial, string? detail)
    {
        var kind = Problems.KindOf(denial);
        return new RefusalExplanation(kind.Status, Problems.TypePrefix + kind.Type, kind.Title, detail);
    }

    /// <param name="meter">As configured.</param>
    /// <param name="charging">The same as <see cref="RouteRule.Select"/> chose it for the request; null when it did not.</param>
    private static MeterExplanation Explain(Meter meter, Meter? charging, RouteRule rule, ImmutableArray<Meter> all, in RequestFacts facts)
    {
        var metric = meter.Metric;
        var about = new MeterExplanation(
            meter.Index, Metric.ConfiguredName(metric.Name), metric.BillableMetricId, metric.Unit, meter.Source.Name, charging is not null,
            Why(meter, charging is not null, rule, all, facts), null, null, null, null, null)
        { Job = meter.Job?.Name };
        if (charging is null) return about;

        var known = KnownMicroUnits(charging, facts.Body);
        var (units, fraction) = Whole(metric, known);
        return about with
        {
            HeldUnits = charging.HoldUnits,
            HeldFrom = HeldFrom(charging, facts.Body),
            Units = units,
            FractionMicroUnits = fraction,
            Quantity = Quantity(charging, known),
        };
    }

    private static MeterExplanation NotPriced(Meter meter, RequestFacts facts) => new(
        meter.Index, Metric.ConfiguredName(meter.Metric.Name), meter.Metric.BillableMetricId, meter.Metric.Unit, meter.Source.Name, null,
        meter.When is { } condition ? Findings(condition, facts) : meter.Otherwise ? "charges when no condition of another meter holds" : "charges every request",
        null, null, null, null, null);

    /// <summary>What is charged in full, where the request alone says it; null: known afterwards.</summary>
    public static long? KnownMicroUnits(Meter meter, in BodyValues body) =>
        meter.Source.IsKnownBefore ? meter.MicroUnits(new Measurement { RequestBody = body }, Share.Full) : null;

    public static (long? Units, long? Fraction) Whole(Metric metric, long? microUnits) => (microUnits, metric.Rounding) switch
    {
        (null, _) => (null, null),
        ({ } known, Rounding.Carry) => (known / MicroUnit.PerUnit, known % MicroUnit.PerUnit),
        ({ } known, _) => (MicroUnit.Ceiling(known), null),
    };

    private static string Why(Meter meter, bool charges, RouteRule rule, ImmutableArray<Meter> all, RequestFacts facts)
    {
        if (meter.IsUnconditional) return "charges every request";
        if (meter.When is { } condition) return Findings(condition, facts);
        if (charges) return "no condition of another meter holds";
        return "the condition of " + string.Join(" and of ", all.Where(m => m.When is not null).Select(m => $"meter {m.Index}, {Metric.ConfiguredName(m.Metric.Name)},")) + " holds";
    }

    /// <summary>The first alternative that holds, or what fails each of them.</summary>
    private static string Findings(Condition condition, RequestFacts facts)
    {
        var alternatives = condition.Explain(facts);
        return alternatives.FirstOrDefault(a => a.All(f => f.Answer == Answer.Yes)) is { IsDefault: false } holds
            ? string.Join(" and ", holds)
            : string.Join("; and ", alternatives.Select(a => string.Join(" and ", a.Where(f => f.Answer != Answer.Yes).Select(Unmet))));

        static string Unmet(Finding finding) => finding.Answer == Answer.Unclear ? $"{finding} (unclear: the upstream may take it for one of them)" : $"{finding}";
    }

    private static string HeldFrom(Meter meter, BodyValues body) => meter.Source switch
    {
        RequestCount => "a request is one",
        Constant => "the meter's Units",
        RequestJson json when json.IsMissing(body) => $"IfMissing: the body does not have {json.Path}; at least 1 is held",
        RequestJson json => $"{json.Path} says {MicroUnit.Text(json.Read(body)!.Value)}, rounded up; at least 1 is held",
        _ => "the meter's Hold",
    };

    private static string Quantity(Meter meter, long? known)
    {
        var unit = meter.Metric.Unit;
        var rounding = meter.Metric.Rounding == Rounding.Carry
            ? $"whole {unit}s are charged, the fraction is carried to the customer's next charge (Carry)"
            : $"rounded up to whole {unit}s by itself (Ceiling)";
        if (known is { } microUnits)
        {
            var told = meter.Source is RequestCount ? meter.Source.Origin : $"{meter.Source.Origin}: {MicroUnit.Text(microUnits)}";
            return microUnits % MicroUnit.PerUnit == 0 ? told : $"{told}; {rounding}";
        }

        var missing = meter.Source.Grows ? "; an answer that takes more than is held is charged in slices while it runs" : $"; an answer that does not say it costs {Words.Count(meter.IfMissing ?? meter.HoldUnits, unit)} ({(meter.IfMissing is null ? "what was held" : "IfMissing")})";
        var job = meter.Job is not { } charged ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"; charged once for each job of '{charged.Name}', when an answer first has its result, whichever request that is; a result that nobody fetches within {charged.SettleAfter.TotalSeconds:0} s costs {Words.Count(charged.IfUnseen, unit)} (IfUnseen)");
        return $"known afterwards: {meter.Source.Origin}; {rounding}{missing}{job}";
    }
}
