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
    private const int MostWarmUps = 10; // on a busy machine the first ones may end without an answer
    private const int FewWarmUps = 4; // for arms too slow to ever be asked so much
    private const long WarmRequests = 400_000; // the just-in-time compiler works beside the load, on the same processors
    private readonly RunMeter _meter = new(settings.Patience);

    public async Task WarmUpAsync(IReadOnlyList<Cell> cells, CancellationToken stop)
    {
        foreach (var arm in cells.Select(c => c.Arm).Distinct()) await FirstAnswer.AwaitAsync(arm.Name, arm.Target, settings.IsHttp2, stop);
        foreach (var cell in settings.IsSmoke ? [] : cells)
        {
            // By requests and not by time alone: the runtime compiles what is hot anew after so many calls, and on a slow machine they take longer.
            var (asked, runs) = (0L, 0);
            for (; runs < MostWarmUps && asked < WarmRequests && (runs < FewWarmUps || asked == 0); runs++) asked += (await LoadAsync(cell, cell.Arm.Target, settings.WarmUp, stop)).Requests;
            await _meter.SettleAsync(cell.Arm, stop);
        }
    }

    public async Task<IReadOnlyList<Sample>> RunAsync(IReadOnlyList<Cell> cells, int rounds, TimeSpan duration, CancellationToken stop)
    {
        var (samples, dice) = (new List<Sample>(), new Random(settings.Seed));
        for (var round = 1; round <= rounds; round++)
        {
            Cell[] order = [.. cells];
            dice.Shuffle(order);
            foreach (var cell in order)
            {
                var sample = await _meter.MeasureAsync(cell.Arm, cell.Point, round, target => MeasuredAsync(cell, target, duration, stop), stop);
                samples.Add(sample);
                AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]round {round}/{rounds}[/] {cell.Arm.Name,-16} {cell.Point,-10} {sample.PerSecond,9:N0}/s  p50 {sample.Load.At(50),8:N0} µs  p99 {sample.Load.At(99),9:N0} µs  cpu {sample.ProxyCpu.Total,6:N1} µs{(sample.IsUnsettled ? "  still busy" : "")}");
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
