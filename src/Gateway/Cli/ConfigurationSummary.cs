using Gateway.Configuration;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Cli;

/// <summary>Says in plain words what a configuration charges. Shows no secret.</summary>
internal sealed class ConfigurationSummary(GatewaySnapshot snapshot)
{
    public void Write(TextWriter output)
    {
        var rules = snapshot.Catalog.Rules;
        var free = rules.Count(r => r.Free);
        output.WriteLine(
            $"The configuration is valid. {Count(rules.Length, "route")} ({rules.Length - free} charged, {free} free), "
            + $"{Count(snapshot.Catalog.Metrics.Length, "metric")}, {Count(snapshot.Keys.Count, "static key")}. "
            + $"Usage goes to {new Uri(snapshot.Options.Paygentic.BaseUrl).Host} for merchant {snapshot.Options.Paygentic.MerchantId}.");
        output.WriteLine();

        List<string[]> lines = [["ROUTE", "CHARGES", "WHEN", "HOLDS"], .. rules.SelectMany(Lines)];
        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(l => l[column].Length)).ToArray();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static IEnumerable<string[]> Lines(RouteRule rule)
    {
        if (rule.Free)
        {
            yield return [rule.RouteId, "nothing", rule.Anonymous ? "no key needed" : "with any valid key", ""];
            yield break;
        }
        foreach (var meter in rule.Meters)
        {
            yield return [meter.Index == 0 ? rule.RouteId : "", Charge(meter), When(meter), Count(meter.HoldUnits, meter.Metric.Unit)];
        }
        if (rule.IsShadow) yield return ["", "in shadow mode: nobody is refused or charged", "", ""];
        yield return ["", $"if the status is {rule.Billable.Statuses}", rule.Billable.ShareOf(Outcome.ClientGoneReading, status: null) == Share.Full ? "" : "and the client stayed", ""];
    }

    private static string Charge(Meter meter)
    {
        var (name, unit) = (meter.Metric.Name.Value, meter.Metric.Unit);
        if (meter.Source == MetricSources.Requests) return $"1 {unit} of {name}";

        var rounding = meter.Metric.Rounding == Rounding.Carry ? "fractions carried over" : "rounded up";
        return $"{name} in {unit}s by {meter.Source.Name}, {rounding}";
    }

    private static string When(Meter meter) => meter switch
    {
        { When: { } condition } => condition.ToString(),
        { Otherwise: true } => "otherwise",
        _ => "always",
    };

    private static string Count(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
