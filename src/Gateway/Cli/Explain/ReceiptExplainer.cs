using System.Globalization;
using Gateway.Billing;
using Gateway.Configuration;
using Gateway.Model;
using Gateway.Shipping;

namespace Gateway.Cli.Explain;

/// <summary>Puts together what the journal, the quarantine and the configuration say of a request.</summary>
/// <param name="configurationProblem">Why there is no <paramref name="snapshot"/>.</param>
/// <param name="asksForJob">Whether a job's token was told.</param>
internal sealed class ReceiptExplainer(
    Guid receipt, string folder, ReceiptSearch search, IReadOnlyList<QuarantinedEvent> quarantine, GatewaySnapshot? snapshot, string? configurationProblem, bool asksForJob)
{
    public ReceiptExplanation Explain()
    {
        var parts = search.Parts;
        var first = parts.Find(p => p.Kind == "request") ?? parts.FirstOrDefault();
        return new ReceiptExplanation
        {
            Receipt = receipt.ToString("N"),
            BegunAt = BegunAt(receipt),
            Found = parts.Count > 0,
            Customer = first?.Settlement.Customer.Value,
            Route = first?.Settlement.RouteId,
            Parts = [.. parts.Select(Part)],
            Holds = [.. search.Holds.Select(h => new HoldExplanation(
                h.Kind, h.Hold.LeaseId.ToString("N"), h.Hold.Units, search.Leases.TryGetValue(h.Hold.LeaseId, out var lease) ? lease.Account.Metric.Value : null))],
            Totals = [.. parts.SelectMany(p => p.Settlement.Charges.ToArray()).GroupBy(c => c.Metric).Select(g => new MetricTotal(g.Key.Value, g.Sum(c => c.Units)))],
            Checks = snapshot is null ? [] : [.. Recalculation.Of(parts, snapshot.Catalog)],
            Searched = new SearchExplanation(folder, search.FirstSegment, search.LastSegment, search.Records, search.Oldest, search.Newest, search.Damaged),
            Notes = [.. Notes(parts)],
        };
    }

    /// <summary>A receipt begins with the time it was made at (UUIDv7).</summary>
    private static DateTimeOffset? BegunAt(Guid id) => id.Version == 7
        ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.ToString("N").AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
        : null;

    private PartExplanation Part(FoundPart part)
    {
        var settlement = part.Settlement;
        var runs = MeasuredRun.Of(settlement);
        return new PartExplanation(
            part.Kind, settlement.RequestId.ToString("N"), part.Position.ToString(), settlement.OccurredAt, settlement.Outcome.ToString(), settlement.StatusCode,
            settlement.UpstreamMicroseconds, Reported(part),
            [.. Enumerable.Range(0, settlement.Charges.Length).Select(i => Charge(part, i, runs.Find(r => i >= r.First && i < r.First + r.Count)))])
        { Batch = part.Batch?.Number, Acknowledged = part.IsAcknowledged };
    }

    private ChargeExplanation Charge(FoundPart part, int index, MeasuredRun run)
    {
        var charge = part.Settlement.Charges.Span[index];
        var isFirst = index == run.First && part.Settlement.Outcome != Outcome.Unknown;
        var usage = charge.Units == 0 ? null : EventOf(part, index);
        var key = charge.Units == 0 ? null : usage?.IdempotencyKey ?? UsageKey.Of(part.Settlement.RequestId, index);
        var refused = quarantine.FirstOrDefault(q => q.Event.IdempotencyKey == key);
        return new ChargeExplanation(
            charge.Metric.Value, charge.BillableMetricId, charge.Units, isFirst ? charge.Measured : null, isFirst ? run.CarryBefore : null,
            run.IsCarried ? charge.Carry.MicroUnits : null, charge.Entitlement?.Value, charge.LeaseId == Guid.Empty ? null : charge.LeaseId.ToString("N"),
            search.Leases.TryGetValue(charge.LeaseId, out var lease) ? lease.Units : null, key, usage is { Charges: > 1 } ? usage.Quantity : null,
            refused is null ? null : $"{refused.StatusCode} {refused.Reason}");
    }

    /// <summary>The charge's usage event, as its batch was made; where charges are summed, the one that it is part of.</summary>
    private static UsageEvent? EventOf(FoundPart part, int index)
    {
        if (part.Batch is not { } batch) return null;
        if (batch.WindowSeconds == 0) return part.Events.FirstOrDefault(e => e.RequestId == part.Settlement.RequestId && e.ChargeIndex == index);
        var (charge, window) = (part.Settlement.Charges.Span[index], TimeSpan.FromSeconds(batch.WindowSeconds).Ticks);
        return part.Events.FirstOrDefault(e => e.BillableMetricId == charge.BillableMetricId && e.Entitlement == charge.Entitlement
            && e.OccurredAt.UtcTicks / window == part.Settlement.OccurredAt.UtcTicks / window);
    }

    private string Reported(FoundPart part)
    {
        if (part.Settlement.Verdict is { } verdict) return $"decided in shadow mode ({verdict}): nobody is charged";
        var charges = part.Settlement.Charges.ToArray();
        if (charges.All(c => c.Units == 0)) return "nothing to report: no whole unit is charged";
        if (part.Batch is not { } batch) return part.IsAcknowledged ? "reported to Paygentic" : "not reported yet: no batch has it";
        var name = string.Create(CultureInfo.InvariantCulture, $"batch {batch.Number}");
        if (!part.IsAcknowledged) return $"in {name}, which Paygentic has not acknowledged yet";
        if (Enumerable.Range(0, charges.Length).Any(i => EventOf(part, i) is { } usage && search.IsDeferred(usage.IdempotencyKey))) return $"in {name}, and put off: Paygentic has not decided about it";
        return $"in {name}, acknowledged";
    }

    private IEnumerable<string> Notes(List<FoundPart> parts)
    {
        if (search.Damaged > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{search.Damaged} places in the journal can not be read; 'journal verify' names them.");
        if (configurationProblem is not null) yield return $"The configuration can not be read, so nothing was computed again: {configurationProblem}";
        if (parts.Exists(p => p.Kind.StartsWith("slice", StringComparison.Ordinal)) && !parts.Exists(p => p.Kind == "request"))
            yield return "The journal has no end of it: it goes on, or ended without a charge for the rest.";
        foreach (var note in JobNotes(parts)) yield return note;
        if (parts.Count > 0) yield break;
        foreach (var reason in WhyNot()) yield return reason;
    }

    private IEnumerable<string> JobNotes(List<FoundPart> parts)
    {
        if (parts.Find(p => p.Kind == "request") is not { } request || snapshot is null || parts.Exists(p => p.Kind == "job")) yield break;
        if (!snapshot.Catalog.TryGet(request.Settlement.RouteId, out var rule)) yield break;
        foreach (var meter in rule.Meters.Where(m => m.Job is not null))
        {
            yield return asksForJob
                ? $"This journal has no charge of that job on {meter.Metric.Name}: its result was not fetched yet, or through another node."
                : $"{meter.Metric.Name} is charged by the job's result, under an id of its own; give the job's token by --job to find it.";
        }
    }

    private IEnumerable<string> WhyNot()
    {
        if (search.Holds.Count > 0)
        {
            yield return search.Released.Contains("request")
                ? "It held what is shown, and all of it went back: its end costs nothing (Billable), or nothing was measured."
                : "It held what is shown and the journal has no end of it: it is under way, or the gateway died; then the next start decides (Gateway:Journal:Recovery).";
            if (!asksForJob && snapshot?.Catalog.Rules.Any(r => r.HasJobs) == true)
                yield return "If it fetched a job's result, that is charged under an id of its own; give the job's token by --job to find it.";
            yield break;
        }

        if (receipt.Version is not (7 or 8)) yield return "It does not look like a receipt of this gateway's: those are UUIDs of version 7.";
        if (search.Oldest is { } oldest ? BegunAt(receipt) < oldest : search.FirstSegment > 1)
            yield return $"{(search.Oldest is null ? "No charge is kept here any more" : "By its own time the request is older than all that is kept")}: segments are deleted when all in them is reported. Paygentic's usage list has the receipt as metadata.requestId.";
        else
            yield return "If it was served by another node, that one's journal has it; Paygentic's usage list has the receipt as metadata.requestId, whichever node it was.";
        yield return "A request on a free route, one that the gateway refused and one that was never forwarded leave nothing in the journal.";
    }
}
