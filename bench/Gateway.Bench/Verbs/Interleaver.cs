using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Load;
using Gateway.Bench.Measuring;
using Spectre.Console;

namespace Gateway.Bench.Verbs;

/// <summary>Something to measure once in each round.</summary>
/// <param name="Arm">Whose processes.</param>
/// <param name="Point">Of an axis; else empty.</param>
/// <param name="Run">The load.</param>
internal sealed record Cell(RunningArm Arm, string Point, Func<Target, TimeSpan, CancellationToken, Task<LoadResult>> Run);

/// <summary>Runs all cells in each round, one at a time, in an order that is drawn anew: what drifts on the machine meets all alike.</summary>
internal sealed class Interleaver(RunSettings settings)
{
    private const int MostWarmUps = 16; // the hot path is compiled anew for the last time some 20 s after the first request, what runs once a second a minute or two after it
    private const int FewWarmUps = 3; // for what is not .NET
    private const double CompilerShare = 0.005; // of one processor: less is quiet
    private readonly RunMeter _meter = new(settings.Patience);

    public async Task WarmUpAsync(IReadOnlyList<Cell> cells, CancellationToken stop)
    {
        foreach (var arm in cells.Select(c => c.Arm).Distinct()) await FirstAnswer.AwaitAsync(arm.Name, arm.Target, settings.IsHttp2, stop);
        foreach (var cell in settings.IsSmoke ? [] : cells)
        {
            // Until the just-in-time compiler is quiet: it works beside the load, on the same processors, and takes up to half of one.
            var isWarm = false;
            for (var runs = 1; !isWarm && runs <= MostWarmUps; runs++)
            {
                var warmed = await _meter.MeasureAsync(cell.Arm, cell.Point, round: 0, target => LoadAsync(cell, target, settings.WarmUp, stop), stop);
                var compiler = warmed.CompilerMicroseconds * warmed.Load.Requests / warmed.Load.Took.TotalMicroseconds;
                isWarm = double.IsNaN(compiler) ? runs == FewWarmUps : compiler < CompilerShare && warmed.Load.Requests > 0;
            }
        }
    }

    public async Task<IReadOnlyList<Sample>> RunAsync(IReadOnlyList<Cell> cells, int first, int last, int rounds, TimeSpan duration, CancellationToken stop)
    {
        var (samples, dice) = (new List<Sample>(), new Random(settings.Seed + first - 1));
        for (var round = first; round <= last; round++)
        {
            Cell[] order = [.. cells];
            dice.Shuffle(order);
            var step = MemoryProbe.Step();
            foreach (var cell in order)
            {
                var sample = await _meter.MeasureAsync(cell.Arm, cell.Point, round, target => MeasuredAsync(cell, target, duration, stop), stop);
                samples.Add(sample with { MemoryStep = step });
                AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]round {round}/{rounds}[/] {cell.Arm.Name,-16} {cell.Point,-10} {sample.PerSecond,9:N0}/s  p50 {sample.Load.At(50),8:N0} µs  p99 {sample.Load.At(99),9:N0} µs  cpu {sample.ProxyCpu.Total,6:N1} µs  memory {step,4:N0} ns{(sample.IsUnsettled ? "  still busy" : "")}");
            }
        }

        return samples;
    }

    private async Task<LoadResult> MeasuredAsync(Cell cell, Target target, TimeSpan duration, CancellationToken stop)
    {
        var result = await LoadAsync(cell, target, duration, stop);
        for (var again = 0; settings.IsSmoke && result.Requests == 0 && again < MostWarmUps; again++) result = await LoadAsync(cell, target, duration, stop);
        return result.Requests > 0 ? result : throw new LoadFailedException($"{cell.Arm.Name} {cell.Point}: no answer at all in {duration}.");
    }

    private static async Task<LoadResult> LoadAsync(Cell cell, Target target, TimeSpan duration, CancellationToken stop)
    {
        try
        {
            return await cell.Run(target, duration, stop);
        }
        catch (LoadFailedException e)
        {
            var said = cell.Arm.Processes.Where(p => p.Output.Length > 0).Select(p => $"\n{p.Role}: {p.Output}");
            throw new LoadFailedException($"{cell.Arm.Name} {cell.Point}: {e.Message}{string.Concat(said)}");
        }
    }
}
