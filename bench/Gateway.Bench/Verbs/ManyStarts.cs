using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Measuring;
using Spectre.Console;

namespace Gateway.Bench.Verbs;

/// <summary>
/// All rounds of a comparison, over several starts of its processes. How a process's code was compiled and where its memory lies is drawn at its start and
/// stays; on one machine, twins that were started together differed by a tenth for as long as they ran.
/// </summary>
internal static class ManyStarts
{
    /// <param name="settings">How many starts.</param>
    /// <param name="rounds">In all.</param>
    /// <param name="duration">Of each run.</param>
    /// <param name="arms">What to start.</param>
    /// <param name="world">Where.</param>
    /// <param name="prepare">Told what runs, for each start; says what is measured.</param>
    /// <param name="stop">Ends it before.</param>
    public static async Task<IReadOnlyList<Sample>> RunAsync(
        RunSettings settings, int rounds, TimeSpan duration, IReadOnlyList<IArm> arms, ArmWorld world, Func<StartedArms, Task<Cell[]>> prepare, CancellationToken stop)
    {
        var samples = new List<Sample>();
        for (var start = 0; start < settings.Starts; start++)
        {
            if (settings.Starts > 1) AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]start {start + 1} of {settings.Starts}[/]");
            await using var started = await StartedArms.StartAsync(arms, world, stop);
            if (started.Running.Count == 0) break; // what is missing has been told
            var cells = await prepare(started);
            var interleaver = new Interleaver(settings);
            await interleaver.WarmUpAsync(cells, stop);
            var (from, through) = (rounds * start / settings.Starts, rounds * (start + 1) / settings.Starts);
            samples.AddRange(await interleaver.RunAsync(cells, from + 1, through, rounds, duration, stop));
        }

        return samples;
    }
}
