using System.Globalization;
using Gateway.Model;

namespace Gateway.Cli.Explain;

/// <summary>What a request did cost, in plain words and tables.</summary>
internal sealed class ReceiptReport(ReceiptExplanation explanation)
{
    private const string Seconds = "yyyy-MM-dd HH:mm:ss.fff 'UTC'";

    public void Write(TextWriter output)
    {
        var searched = explanation.Searched;
        if (explanation.Found) WriteFound(output);
        else output.WriteLine($"{explanation.Receipt} is not among the charges of this journal.");
        foreach (var note in explanation.Notes) output.WriteLine($"Note: {note}");
        if (!explanation.Found && explanation.Holds.Count > 0) WriteHolds(output);
        if (explanation.BegunAt is { } begun && !explanation.Found) output.WriteLine($"By its own time it began at {Time(begun)}.");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Searched: {searched.Folder}, segments {searched.FirstSegment} to {searched.LastSegment}, {searched.Records:N0} records{Range(searched)}."));
    }

    private static string Range(SearchExplanation searched) =>
        searched is { Oldest: { } oldest, Newest: { } newest } ? $", charges of {Time(oldest)} to {Time(newest)}" : ", no charge among them";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(Seconds, CultureInfo.InvariantCulture);

    private void WriteFound(TextWriter output)
    {
        var route = explanation.Route is { Length: > 0 } named ? $"on the route '{named}'" : "charged at a restart";
        output.WriteLine($"{explanation.Receipt}: {route}, for {explanation.Customer}.");
        output.WriteLine($"Charged: {string.Join(", ", explanation.Totals.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Metric}={t.Units}")))}");
        WriteHolds(output);
        foreach (var part in explanation.Parts) WritePart(part, output);
        foreach (var check in explanation.Checks) output.WriteLine($"{(check.Metric.Length == 0 ? "The charge" : check.Metric)}: {Verdict(check)}{check.Text}.");
    }

    private static string Verdict(CheckExplanation check) => check.Verdict switch
    {
        Recalculation.Agrees => "agrees with the configuration in force. ",
        Recalculation.Unknown => "can not be computed again: ",
        _ => "",
    };

    private void WriteHolds(TextWriter output)
    {
        foreach (var hold in explanation.Holds)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Held for the {hold.Kind}: {hold.Units} of lease {hold.Lease}{(hold.Metric is null ? "" : $", {hold.Metric}")}"));
    }

    private static void WritePart(PartExplanation part, TextWriter output)
    {
        var upstream = string.Create(CultureInfo.InvariantCulture, $"{part.UpstreamMicroseconds / 1_000_000m:0.######} s in the upstream");
        var status = part.StatusCode == 0 ? "no answer" : string.Create(CultureInfo.InvariantCulture, $"status {part.StatusCode}");
        output.WriteLine($"The {part.Kind}: {Time(part.OccurredAt)}, {status}, {Words.Of(Enum.Parse<Outcome>(part.Outcome))}, {upstream}; {part.Reported}.");
        if (part.Charges.Count == 0) return;
        var table = Tables.Of("Metric", "At Paygentic", "Carried before", "Measured", "Charged", "Carried on");
        foreach (var charge in part.Charges)
        {
            table.Add(
                charge.Metric, charge.BillableMetricId, Micro(charge.CarryBeforeMicroUnits), Micro(charge.MeasuredMicroUnits),
                charge.Units.ToString(CultureInfo.InvariantCulture), Micro(charge.CarryAfterMicroUnits));
        }

        table.WriteTo(output);
        foreach (var charge in part.Charges.Where(c => c.IdempotencyKey is not null)) output.WriteLine($"{charge.Metric}: {PaidBy(charge)}; usage event {Event(charge)}.");
    }

    private static string Micro(long? microUnits) => microUnits is { } known ? Pricing.MicroUnit.Text(known) : "";

    private static string PaidBy(ChargeExplanation charge) => charge switch
    {
        { Entitlement: null } => "paid by no entitlement (uncovered)",
        { LeaseUnits: { } units } => string.Create(CultureInfo.InvariantCulture, $"paid by {charge.Entitlement}, out of the {units} of lease {charge.Lease}"),
        _ => $"paid by {charge.Entitlement}, out of lease {charge.Lease}",
    };

    private static string Event(ChargeExplanation charge)
    {
        var sum = charge.EventQuantity is { } quantity ? string.Create(CultureInfo.InvariantCulture, $", a sum over several requests of {quantity}") : "";
        return $"{charge.IdempotencyKey}{sum}{(charge.Quarantined is null ? "" : $", in quarantine: {charge.Quarantined}")}";
    }
}
