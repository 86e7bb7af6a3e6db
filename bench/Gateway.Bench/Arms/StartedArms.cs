using Spectre.Console;

namespace Gateway.Bench.Arms;

/// <summary>The arms of one comparison, all running; those that can not are named with why.</summary>
internal sealed class StartedArms : IAsyncDisposable
{
    private readonly List<RunningArm> _running = [];
    private readonly List<string> _skipped = [];
    private readonly List<IArm> _arms = [];

    public IReadOnlyList<RunningArm> Running => _running;

    public IReadOnlyList<IArm> Arms => _arms;

    public IReadOnlyList<string> Skipped => _skipped;

    public static async Task<StartedArms> StartAsync(IEnumerable<IArm> arms, ArmWorld world, CancellationToken stop)
    {
        var started = new StartedArms();
        var attempts = arms.Select(arm => TryStartAsync(arm, world, stop)).ToList();
        try
        {
            await Task.WhenAll(attempts);
        }
        catch
        {
            foreach (var attempt in attempts.Where(a => a.IsCompletedSuccessfully && a.Result.Running is not null)) await attempt.Result.Running!.DisposeAsync();
            throw;
        }

        foreach (var (arm, running, skipped) in attempts.Select(a => a.Result))
        {
            if (running is not null)
            {
                started._arms.Add(arm);
                started._running.Add(running);
                continue;
            }

            started._skipped.Add(skipped!);
            AnsiConsole.MarkupLineInterpolated($"[yellow]skipped[/] {skipped}");
        }

        return started;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var arm in _running) await arm.DisposeAsync();
    }

    private static async Task<(IArm Arm, RunningArm? Running, string? Skipped)> TryStartAsync(IArm arm, ArmWorld world, CancellationToken stop)
    {
        if (arm.Missing is { Count: > 0 } missing) return (arm, null, $"{arm.Name}: {string.Join(", ", missing)} not installed");
        try
        {
            return (arm, await arm.StartAsync(world, stop), null);
        }
        catch (ArmRefusedException e)
        {
            return (arm, null, e.Message);
        }
    }
}
