using Gateway.Pricing;

namespace Gateway.Cli.Explain;

/// <summary>What a request would cost, in plain words and tables.</summary>
internal sealed class CostReport(CostExplanation explanation)
{
    public void Write(TextWriter output)
    {
        var request = explanation.Path is null ? explanation.Method : $"{explanation.Method} {explanation.Path}";
        output.WriteLine(explanation.Route is { } route ? $"{request} is served by the route '{route}'." : $"No route serves {request}.");
        if (explanation.Refused is { } refused)
            output.WriteLine($"The gateway refuses it: {refused.Status} {refused.Title} ({refused.Type}).{(refused.Detail is null ? "" : $" {refused.Detail}")}");
        foreach (var note in explanation.Notes) output.WriteLine($"Note: {note}");
        if (explanation.Route is null) return;
        if (explanation.Free)
        {
            output.WriteLine(explanation.Anonymous ? "It is free: nothing is held or charged, and no key is asked for." : "It is free: nothing is held or charged; any valid key will do.");
            return;
        }

        WriteMeters(output);
        if (explanation.Refused is not null) return;
        WriteEndings(output);
        output.WriteLine(explanation.WhenUnavailable == nameof(WhenUnavailable.Allow)
            ? $"When billing can not decide, it is served all the same, up to {explanation.AllowanceUnits} units for each customer, node and outage, and charged afterwards."
            : "When billing can not decide, it is refused with 503; where the wallet does not cover what is held, with 402.");
    }

    private void WriteMeters(TextWriter output)
    {
        if (explanation.Meters.Count == 0) return;
        var isRefused = explanation.Refused is not null;
        var table = isRefused ? Tables.Of("Meter", "When it charges") : Tables.Of("Meter", "Charges", "Why", "Holds");
        foreach (var meter in explanation.Meters)
        {
            var holds = meter.HeldUnits is { } held ? $"{Words.Count(held, meter.Unit)}: {meter.HeldFrom}" : "";
            if (isRefused) table.Add($"{meter.Index} {meter.Metric}", meter.Why);
            else table.Add($"{meter.Index} {meter.Metric}", meter.Charges == true ? "yes" : "no", meter.Why, holds);
        }

        table.WriteTo(output);
        foreach (var meter in explanation.Meters.Where(m => m.Quantity is not null)) output.WriteLine($"{meter.Index} {meter.Metric}: {meter.Quantity!.Replace("; ", ";\n   ", StringComparison.Ordinal)}.");
    }

    private void WriteEndings(TextWriter output)
    {
        if (explanation.Endings is not [var first, ..])
        {
            output.WriteLine("No meter charges it: it is forwarded, and costs nothing.");
            return;
        }

        var table = Tables.Of(["How it ends", .. first.Costs.Select(c => $"{c.Index} {c.Metric}")]);
        foreach (var ending in explanation.Endings) table.Add([string.Join('\n', ending.When), .. ending.Costs.Select(c => c.Text)]);
        table.WriteTo(output);
    }
}
