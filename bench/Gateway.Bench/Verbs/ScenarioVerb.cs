using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;
using Gateway.Bench.Report;
using Gateway.Bench.Scenarios;

namespace Gateway.Bench.Verbs;

/// <summary><c>scenario</c>: customers with several keys who ask for different things and think in between, step by step.</summary>
internal static class ScenarioVerb
{
    private const int Keys = 20;

    public static async Task ExecuteAsync(int copies, int rate, TimeSpan duration, RunSettings settings, CancellationToken stop)
    {
        using var folder = new TempFolder();
        await using var upstream = await UpstreamProcess.StartAsync(folder, isPlain: false, stop);
        IArm[] arms = [new YarpArm(), new GatewayArm("gateway", "the gateway with 20 keys of as many customers", new GatewaySetup { Keys = Keys })];
        await using var started = await StartedArms.StartAsync(arms, new ArmWorld(upstream.Address, folder, ["/"]), stop);

        var page = await ReportPage.BeginAsync("scenario", "Mixed traffic", settings, stop);
        page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{copies} users for {duration.TotalSeconds:0.#} s, then {rate} turns a second for as long: small answers, large ones, slow ones, {Keys} keys, pauses. Upstream: {upstream.Description}. Load by HttpClient in this process: not for figures of a few microseconds."));
        var table = new TextTable("arm", "step", "times", "p50 µs", "p99 µs", "MB");
        foreach (var arm in started.Running)
        {
            await FirstAnswer.AwaitAsync(arm.Name, arm.Target, isHttp2: false, stop);
            using var http = new HttpClient { BaseAddress = arm.Target.Addresses[0] };
            foreach (var (during, counts) in settings.IsSmoke ? [(duration, true)] : new[] { (settings.WarmUp, false), (duration, true) })
            {
                var recorder = await ScenarioRunner.RunAsync(MixedTraffic.Create(http, Traffic.Keys(Keys), copies, rate, during), settings.Seed, stop);
                if (!counts) continue;
                foreach (var (step, times, bytes) in recorder.Steps())
                    table.Add(arm.Name, step, Figures.Count(times.Count), Figures.Of(times.At(50)), Figures.Of(times.At(99)), Figures.Of(bytes / 1e6));
            }
        }

        page.Table(table);
        await page.WriteAsync(stop);
    }
}
