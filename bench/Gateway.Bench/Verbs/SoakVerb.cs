using System.Globalization;
using System.Text;
using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Measuring;
using Gateway.Bench.Processes;
using Gateway.Bench.Report;

namespace Gateway.Bench.Verbs;

/// <summary><c>soak</c>: a steady rate for a long time. Does it grow, does it get slower, does Paygentic keep up?</summary>
internal static class SoakVerb
{
    private const int Connections = 256;
    private const int Runs = 3;
    private const double BetterBy = 1.03;
    private const int TooMany = 1_000_000; // a second: more than any proxy answers here
    private static readonly TimeSpan CapacityRun = TimeSpan.FromSeconds(5);

    public static async Task ExecuteAsync(string armName, TimeSpan duration, double share, RunSettings settings, CancellationToken stop)
    {
        using var folder = new TempFolder();
        await using var upstream = await UpstreamProcess.StartAsync(folder, isPlain: true, stop);
        await using var started = await StartedArms.StartAsync(ArmCatalog.Find(armName), new ArmWorld(upstream.Address, folder, ["/"]), stop);
        if (started.Running is not [var arm]) return; // what is missing has been told

        var page = await ReportPage.BeginAsync("soak", "Soak", settings, stop);
        await FirstAnswer.AwaitAsync(arm.Name, arm.Target, isHttp2: false, stop);
        var capacity = await CapacityAsync(arm, settings, stop);
        var rate = Math.Max(1, (int)(capacity * share));
        page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{arm.Name}: {rate:N0} requests a second for {duration.TotalMinutes:0.##} minutes, {share:P0} of the {capacity:N0} that it answered a second when the same generator, with {Connections} connections, asked for far more than it could. Upstream: {upstream.Description}."));

        using var load = new OpenLoad(arm.Target, rate, Connections);
        var watch = new SoakWatch(arm, upstream.Process, load, settings.IsSmoke ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(30));
        await watch.BeginAsync(stop);
        var running = load.RunAsync(duration, stop);
        await watch.WatchAsync(running, stop);
        var result = await running;
        var after = await watch.AfterwardsAsync(settings.IsSmoke ? TimeSpan.FromSeconds(3) : TimeSpan.FromMinutes(1), stop);
        Report(page, watch, result, after);
        await page.WriteAsync(stop);
    }

    /// <summary>By the load that is to come, not by a cheaper one: the generator has the same processors, and what it takes is no capacity.</summary>
    private static async Task<double> CapacityAsync(RunningArm arm, RunSettings settings, CancellationToken stop)
    {
        var (meter, found) = (new RunMeter(settings.Patience), new List<double>());
        var (run, most) = settings.IsSmoke ? (TimeSpan.FromMilliseconds(500), 1) : (CapacityRun, 24);
        do
        {
            found.Add(await OverloadAsync(arm, run, stop));
            await meter.SettleAsync(arm, stop);
        }
        while (found.Count < most && !IsWarm(found));

        return new Spread(found.TakeLast(Runs)).Median;
    }

    /// <summary>Whether the last runs are no better than those before them: a program that is still being compiled can do less than it will.</summary>
    private static bool IsWarm(List<double> found) => found.Count >= 2 * Runs
        && new Spread(found.TakeLast(Runs)).Median < BetterBy * new Spread(found.SkipLast(Runs).TakeLast(Runs)).Median;

    /// <returns>Answers a second.</returns>
    private static async Task<double> OverloadAsync(RunningArm arm, TimeSpan duration, CancellationToken stop)
    {
        using var load = new OpenLoad(arm.Target, TooMany, Connections) { GivesUp = true };
        return (await load.RunAsync(duration, stop)).PerSecond;
    }

    private static void Report(ReportPage page, SoakWatch watch, LoadResult result, long? after)
    {
        var table = new TextTable("minute", "answered", "p50 µs", "p99 µs", "RSS MB", "unshipped", "proxy CPU µs", "upstream CPU µs", "idle");
        foreach (var w in watch.Windows)
        {
            table.Add(
                w.Minute.ToString("F1", CultureInfo.InvariantCulture), Figures.Count(w.Answered), Figures.Of(w.P50), Figures.Of(w.P99), Figures.Of(w.ResidentMegabytes), w.Unshipped is { } n ? Figures.Count(n) : Figures.None,
                Figures.Of(w.ProxyCpu), Figures.Of(w.UpstreamCpu), w.Idle.ToString("P0", CultureInfo.InvariantCulture));
        }

        page.Table(table);
        page.Paragraph("Processor time is for each answer. The upstream does the same for every one: where it needs more, the machine was slower, whatever the proxy did.");
        page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"All in all {result.Requests:N0} answers, p50 {result.At(50):N0} µs, p99 {result.At(99):N0} µs, p99.9 {result.At(99.9):N0} µs; the generator itself was {result.GeneratorLateness:N0} µs late at the 99th percentile."));
        page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"Slope, after the first fifth: RSS {watch.Slope(w => w.ResidentMegabytes)} MB a minute, p99 {watch.Slope(w => w.P99)} µs a minute, the upstream's processor time {watch.Slope(w => w.UpstreamCpu)} µs an answer and minute (± its standard error). Unshipped at most {watch.Seconds.Max(s => s.Unshipped) ?? 0:N0} charges; {(after is { } left ? $"{left:N0} a minute after the end" : "this arm reports nothing")}."));
        page.Picture("memory", "Resident memory over time", Charts.OverTime("Resident memory", "MB", new Series("RSS", [.. watch.Seconds.Select(s => (s.Minute, s.ResidentMegabytes))])));
        page.Picture("p99", "99th percentile over time", Charts.OverTime("99th percentile by window", "microseconds", new Series("p99", [.. watch.Windows.Select(w => (w.Minute, w.P99))]), new Series("p50", [.. watch.Windows.Select(w => (w.Minute, w.P50))])));
        page.Picture("unshipped", "Charges not reported yet over time", Charts.OverTime("Charges not reported yet", "charges", new Series("unshipped", [.. watch.Seconds.Select(s => (s.Minute, s.Unshipped ?? double.NaN))])));
        var csv = new StringBuilder("minute,resident_mb,unshipped,answered\n");
        foreach (var s in watch.Seconds) csv.Append(CultureInfo.InvariantCulture, $"{s.Minute:F4},{s.ResidentMegabytes:F1},{s.Unshipped},{s.Answered}\n");
        page.Data("seconds", csv.ToString());
    }
}
