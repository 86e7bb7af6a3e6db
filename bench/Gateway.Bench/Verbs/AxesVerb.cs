using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;
using Gateway.Bench.Report;

namespace Gateway.Bench.Verbs;

/// <summary><c>axes</c>: one thing is varied, its points interleaved, and each held against the first.</summary>
internal static class AxesVerb
{
    private const int Touchers = 64;

    public static async Task ExecuteAsync(Axis axis, int rounds, TimeSpan duration, int connections, RunSettings settings, CancellationToken stop)
    {
        var points = settings.IsSmoke ? axis.SmokePoints : axis.Points;
        using var folder = new TempFolder();
        await using var upstream = await UpstreamProcess.StartAsync(folder, axis.IsPlain, stop);
        var world = new ArmWorld(upstream.Address, folder, ["/"]);
        var page = await ReportPage.BeginAsync("axes-" + axis.Name, $"By {axis.Name}", settings, stop);
        var measured = await ManyStarts.RunAsync(settings, rounds, duration, [.. Arms(axis, points)], world, PrepareAsync, stop);
        if (measured.Count == 0) return; // what is missing has been told

        // Gateways of single points are one arm of the axis.
        var samples = measured.Select(s => s with { Arm = s.Arm.Split('@')[0] }).ToList();
        IReadOnlyList<string> labels = [.. points.Select(p => p.Label).Where(label => samples.Any(s => s.Point == label))];
        page.Table(ComparisonTables.Axis(axis.Name, labels, samples));
        page.Picture("throughput", $"Throughput by {axis.Name}", Charts.ByPoint($"Throughput by {axis.Name}", axis.Name, "requests a second", labels, samples, s => s.PerSecond));
        page.Picture("p99", $"99th percentile by {axis.Name}", Charts.ByPoint($"99th percentile by {axis.Name}", axis.Name, "microseconds", labels, samples, s => s.Load.At(99)));
        page.Data(samples);
        await page.WriteAsync(stop);

        async Task<Cell[]> PrepareAsync(StartedArms started)
        {
            // The control is asked for the same, with as many routes, and knows nothing of keys.
            Target TargetOf(RunningArm arm, AxisPoint point) => point.Setup is null
                ? arm.Target with { Plan = new RequestPlan([point.Path], arm.Target.Plan.Keys) }
                : arm.Target with { Plan = started.Running.First(a => a.Name == ArmOf(point)).Target.Plan };
            var pairs = points.SelectMany(point => started.Running.Where(arm => point.Setup is null || arm.Name == ArmOf(point) || arm.Name == ControlOf(point)).Select(arm => (Arm: arm, Point: point))).ToList();
            var load = ClosedLoads.Choose(settings.Load, pairs.Select(p => TargetOf(p.Arm, p.Point)), duration);
            page.Introduce(
                string.Create(CultureInfo.InvariantCulture, $"Varied: {axis.Description}. {rounds} rounds of {duration.TotalSeconds:0.#} s for each point, alone and in random order; all were started {settings.Starts} times; {connections} connections unless said otherwise. Load: {load.Name}. Upstream: {upstream.Description}."),
                [.. started.Skipped.Select(s => $"skipped: {s}")]);
            foreach (var arm in started.Running.Where(a => a.Target.Plan.Keys.Count > 1)) await SocketClosedLoad.TouchAsync(arm.Target, Touchers, stop);
            return [.. pairs.Select(pair => new Cell(pair.Arm, pair.Point.Label, (_, during, cancellation) =>
                load.RunAsync(TargetOf(pair.Arm, pair.Point), pair.Point.Connections == 0 ? connections : pair.Point.Connections, Longer(during, pair.Point), cancellation)))];
        }
    }

    private static IEnumerable<IArm> Arms(Axis axis, IReadOnlyList<AxisPoint> points) => points[0].Setup is null
        ? ArmCatalog.Find("yarp,gateway")
        :
        [
            .. axis.HasControl ? points.DistinctBy(ControlOf).Select(point => new YarpArm(ControlOf(point), point.Setup!.Routes)) : [],
            .. points.Select(point => new GatewayArm(ArmOf(point), point.Label, point.Setup!)),
        ];

    private static string ArmOf(AxisPoint point) => $"gateway@{point.Label}";

    private static string ControlOf(AxisPoint point) => point.Setup!.Routes == 1 ? ArmCatalog.Control : $"{ArmCatalog.Control}@{point.Label}";

    /// <summary>A slow upstream needs time for a few answers.</summary>
    private static TimeSpan Longer(TimeSpan duration, AxisPoint point) =>
        point.Path == "/delay/1000" && duration < TimeSpan.FromSeconds(5) ? TimeSpan.FromSeconds(5) : duration;
}
