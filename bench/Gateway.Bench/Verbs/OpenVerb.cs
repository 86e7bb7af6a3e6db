using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;
using Gateway.Bench.Report;

namespace Gateway.Bench.Verbs;

/// <summary><c>open</c>: how much later an answer comes, at a rate that all arms can serve.</summary>
internal static class OpenVerb
{
    public static async Task ExecuteAsync(string arms, int rate, int rounds, TimeSpan duration, int connections, RunSettings settings, CancellationToken stop)
    {
        using var folder = new TempFolder();
        await using var upstream = await UpstreamProcess.StartAsync(folder, isPlain: true, stop);
        var page = await ReportPage.BeginAsync("open", "Added latency", settings, stop);
        var samples = await ManyStarts.RunAsync(settings, rounds, duration, ArmCatalog.Find(arms), new ArmWorld(upstream.Address, folder, ["/"]), Prepare, stop);
        page.Table(ComparisonTables.Added(samples));
        page.Picture("latency", "Latency by percentile", Charts.LatencyByPercentile(string.Create(CultureInfo.InvariantCulture, $"Latency by percentile at {rate:N0} requests a second"), samples));
        page.Data(samples);
        await page.WriteAsync(stop);

        Task<Cell[]> Prepare(StartedArms started)
        {
            page.Introduce(
                string.Create(CultureInfo.InvariantCulture, $"{rate:N0} requests a second over up to {connections} connections, {rounds} rounds of {duration.TotalSeconds:0.#} s for each arm, alone and in random order; all were started {settings.Starts} times. Latency counts from when a request was due, so that a pause is charged with all it delays. Upstream: {upstream.Description}."),
                [.. started.Arms.Select(a => $"**{a.Name}**: {a.Description}"), .. started.Skipped.Select(s => $"skipped: {s}")]);
            return Task.FromResult<Cell[]>([.. started.Running.Select(arm => new Cell(arm, "", async (target, during, cancellation) =>
            {
                using var load = new OpenLoad(target, rate, connections);
                return await load.RunAsync(during, cancellation);
            }))]);
        }
    }
}
