using Gateway.Bench.Arms;
using Gateway.Bench.Load;

namespace Gateway.Bench.Verbs;

/// <summary>Every verb and every arm once, so that none can rot. Its figures mean nothing.</summary>
internal static class SmokeRun
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static async Task ExecuteAsync(RunSettings settings, CancellationToken stop)
    {
        await GeneratorCheck.RunAsync(stop);
        await CompareVerb.ExecuteAsync(string.Join(',', ArmCatalog.All.Select(a => a.Name)), 1, Moment, 8, settings, stop);
        if (H2Load.Find() is not null) await CompareVerb.ExecuteAsync("yarp,gateway", 1, Moment, 16, settings with { Load = "h2load" }, stop);
        foreach (var axis in Axis.All) await AxesVerb.ExecuteAsync(axis, 1, Moment / 3, 8, settings, stop);
        await OpenVerb.ExecuteAsync("yarp,gateway", 200, 1, Moment, 32, settings, stop);
        await SoakVerb.ExecuteAsync("gateway", 3 * Moment, 0.5, settings, stop);
        await ScenarioVerb.ExecuteAsync(4, 50, Moment, settings, stop);
    }
}
