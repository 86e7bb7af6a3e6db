using Gateway.Bench.Load;

namespace Gateway.Bench.Scenarios;

/// <summary>Runs a scenario with its simulations. Throws <see cref="LoadFailedException"/> at the first step that fails.</summary>
internal static class ScenarioRunner
{
    /// <summary>Name of the turns as a whole.</summary>
    public const string WholeTurn = "whole turn";

    public static async Task<StepRecorder> RunAsync(Scenario scenario, int seed, CancellationToken stop)
    {
        await scenario.Init();
        var recorder = new StepRecorder();
        foreach (var simulation in scenario.Simulations)
        {
            await (simulation switch
            {
                ConstantCopies constant => KeepAsync(scenario, constant, recorder, seed, stop),
                Injection injection => InjectAsync(scenario, injection, recorder, seed, stop),
                _ => throw new NotSupportedException(simulation.ToString()),
            });
            if (recorder.Failure is { } failure) throw new LoadFailedException($"Scenario {scenario.Name} failed at {failure}");
        }

        return recorder;
    }

    private static Task KeepAsync(Scenario scenario, ConstantCopies constant, StepRecorder recorder, int seed, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        return Task.WhenAll(Enumerable.Range(0, constant.Copies).Select(instance => Task.Run(
            async () =>
            {
                var dice = new Random(seed + instance);
                for (var turn = 0L; TimeProvider.System.GetElapsedTime(started) < constant.During && recorder.Failure is null; turn++)
                    await TurnAsync(scenario, new ScenarioContext(instance, turn, dice, recorder, stop));
            },
            stop)));
    }

    private static async Task InjectAsync(Scenario scenario, Injection injection, StepRecorder recorder, int seed, CancellationToken stop)
    {
        var (started, turns) = (TimeProvider.System.GetTimestamp(), new List<Task>());
        using var ticks = new PeriodicTimer(injection.Interval / injection.Rate);
        for (var begun = 0; TimeProvider.System.GetElapsedTime(started) is var now && now < injection.During && recorder.Failure is null;)
        {
            for (var due = (int)(now / injection.Interval * injection.Rate); begun < due; begun++)
                turns.Add(TurnAsync(scenario, new ScenarioContext(begun, 0, new Random(seed + begun), recorder, stop)));
            await ticks.WaitForNextTickAsync(stop);
        }

        await Task.WhenAll(turns);
    }

    private static Task<Response> TurnAsync(Scenario scenario, ScenarioContext context) => Step.Run(WholeTurn, context, () => scenario.Run(context));
}
