using Gateway.Bench.Arms;

namespace Gateway.Bench.Verbs;

/// <summary>Every verb and every arm once, so that none can rot. Its figures mean nothing, and its reports are not kept.</summary>
internal static class SmokeRun
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static async Task ExecuteAsync(RunSettings settings, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("bench-smoke-");
        try
        {
            var passing = settings with { Output = folder.FullName };
            await CompareVerb.ExecuteAsync(string.Join(',', ArmCatalog.All.Select(a => a.Name)), 1, Moment, 8, passing, stop);
            await CompareVerb.ExecuteAsync("yarp,gateway", 1, Moment, 8, passing with { Load = "own" }, stop);
            foreach (var axis in Axis.All) await AxesVerb.ExecuteAsync(axis, 1, Moment / 2, 8, passing, stop);
            await OpenVerb.ExecuteAsync("yarp,gateway", 200, 1, Moment, 32, passing, stop);
            await SoakVerb.ExecuteAsync("gateway", 3 * Moment, 0.5, passing, stop);
            await ScenarioVerb.ExecuteAsync(4, 50, Moment, passing, stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
