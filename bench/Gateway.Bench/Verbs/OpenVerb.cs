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
        await using var started = await StartedArms.StartAsync(ArmCatalog.Find(arms), new ArmWorld(upstream.Address, folder, ["/"]), stop);
        Cell[] cells = [.. started.Running.Select(arm => new Cell(arm, "", async (target, during, cancellation) =>
        {
            using var load = new OpenLoad(target, rate, connections);
            return await load.RunAsync(during, cancellation);
        }))];

        var page = await ReportPage.BeginAsync("open", "Added latency", settings, stop);
        page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{rate:N0} requests a second over up to {connections} connections, {rounds} rounds of {duration.TotalSeconds:0.#} s for each arm, alone and in random order. Latency counts from when a request was due, so that a pause is charged with all it delays. Upstream: {upstream.Description}."));
        page.List([.. started.Arms.Select(a => $"**{a.Name}**: {a.Description}"), .. started.Skipped.Select(s => $"skipped: {s}")]);
        var interleaver = new Interleaver(settings);
        await interleaver.WarmUpAsync(cells, stop);
        var samples = await interleaver.RunAsync(cells, rounds, duration, stop);
        page.Table(ComparisonTables.Added(samples));
        page.Picture("latency", "Latency by percentile", Charts.LatencyByPercentile(string.Create(CultureInfo.InvariantCulture, $"Latency by percentile at {rate:N0} requests a second"), samples));
        page.Data(samples);
        await page.WriteAsync(stop);
    }
}
