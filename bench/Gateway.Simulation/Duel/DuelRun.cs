using System.Globalization;

namespace Gateway.Simulation.Duel;

/// <summary>Every rule through the same scenarios, and the table of what came of it.</summary>
internal static class DuelRun
{
    private static readonly (Rule Rule, string Name)[] Rules =
    [
        (Rule.CheckThenCharge, "check, then charge (LiteLLM before 1.84)"),
        (Rule.AsyncCounter, "asynchronous counter (3scale)"),
        (Rule.OptimisticQuota, "optimistic quota (service-control-client)"),
        (Rule.DebitFirst, "debit first (Unkey)"),
        (Rule.Lease, "lease (this gateway)"),
    ];

    public static void Execute(int seeds, TextWriter output)
    {
        foreach (var withFaults in (bool[])[false, true])
        {
            output.WriteLine(withFaults ? "\nWith faults\n" : "Without faults\n");
            output.WriteLine("| rule | overspent % | never billed % | billed twice % | falsely denied % | unavailable % | frozen % | Redis calls per 1,000 | provider calls per 1,000 |");
            output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (var (rule, name) in Rules) output.WriteLine(Row(name, Sum(rule, seeds, withFaults)));
        }
    }

    public static DuelFigures Sum(Rule rule, int seeds, bool withFaults)
    {
        var figures = new DuelFigures[seeds];
        Parallel.For(0, seeds, i =>
        {
            using var contest = new Contest(rule, seed: i + 1, withFaults);
            figures[i] = contest.Run();
        });
        return figures.Aggregate((a, b) => a + b);
    }

    private static string Row(string name, DuelFigures f) => string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {Percent(f.Overspent, f.Served)} | {Percent(f.Lost, f.Served)} | {Percent(f.Doubled, f.Served)} | {Percent(f.FalselyDenied, f.Arrived)} | {Percent(f.Unavailable, f.Arrived)} | {Percent(f.Frozen, f.Paid)} | {1000.0 * f.RedisCalls / f.Arrived:F1} | {1000.0 * f.ProviderCalls / f.Arrived:F1} |");

    private static string Percent(long part, long whole) => part == 0 ? "0" : (100.0 * part / whole).ToString("F3", CultureInfo.InvariantCulture);
}
