using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Measuring;
using Gateway.Bench.Processes;
using Gateway.Bench.Report;

namespace Gateway.Bench.Verbs;

/// <summary><c>compare</c>: as many requests as each arm can answer.</summary>
internal static class CompareVerb
{
    public static async Task ExecuteAsync(string arms, int rounds, TimeSpan duration, int connections, RunSettings settings, CancellationToken stop)
    {
        using var folder = new TempFolder();
        await using var upstream = await UpstreamProcess.StartAsync(folder, isPlain: true, stop);
        var world = new ArmWorld(upstream.Address, folder, ["/"]) { IsHttp2 = settings.IsHttp2 };
        var page = await ReportPage.BeginAsync("compare", "Arms compared", settings, stop);
        var samples = await ManyStarts.RunAsync(settings, rounds, duration, ArmCatalog.Find(arms), world, Prepare, stop);

        page.Heading("Speed");
        page.Table(ComparisonTables.Speed(samples));
        page.Heading("Cost");
        page.Table(ComparisonTables.Cost(samples));
        page.Paragraph("Medians over the rounds; ratios are of the same round. CPU, collections and calls include what an arm does until it is quiet again, such as reporting usage.");
        page.Paragraph($"One step through 8 MiB of memory, before each round: {Figures.WithRange(new Spread(samples.Select(s => s.MemoryStep)))} ns. Far above 20, strangers have the cache that this machine's processors share.");
        page.Picture("latency", "Latency by percentile", Charts.LatencyByPercentile("Latency by percentile", samples));
        page.Data(samples);
        await page.WriteAsync(stop);

        Task<Cell[]> Prepare(StartedArms started)
        {
            var load = ClosedLoads.Choose(settings.Load, started.Running.Select(a => a.Target), duration);
            page.Introduce(
                string.Create(CultureInfo.InvariantCulture, $"{rounds} rounds, in each of which every arm is measured for {duration.TotalSeconds:0.#} s with {connections} connections, alone and in random order; all were started {settings.Starts} times. Load: {load.Name}. Upstream: {upstream.Description}. All on this machine, sharing its processors."),
                [.. started.Arms.Select(a => $"**{a.Name}**: {a.Description}"), .. started.Skipped.Select(s => $"skipped: {s}")]);
            return Task.FromResult<Cell[]>([.. started.Running.Select(arm => new Cell(arm, "", (target, during, cancellation) => load.RunAsync(target, connections, during, cancellation)))]);
        }
    }
}
