namespace Gateway.Bench.Scenarios;

/// <summary>
/// What one virtual user does, again and again. The shape is NBomber's, so that scenarios can move there as they are: NBomber itself could not be restored where
/// this was written, and this folder is the whole of what stands in for it.
/// </summary>
internal sealed record Scenario
{
    private Scenario(string name, Func<ScenarioContext, Task<Response>> run) => (Name, Run) = (name, run);

    public string Name { get; }

    public Func<ScenarioContext, Task<Response>> Run { get; }

    public Func<Task> Init { get; private init; } = () => Task.CompletedTask;

    public IReadOnlyList<LoadSimulation> Simulations { get; private init; } = [];

    public static Scenario Create(string name, Func<ScenarioContext, Task<Response>> run) => new(name, run);

    /// <summary>Runs once, before any load.</summary>
    public Scenario WithInit(Func<Task> init) => this with { Init = init };

    /// <summary>One after the other.</summary>
    public Scenario WithLoadSimulations(params LoadSimulation[] simulations) => this with { Simulations = simulations };
}

/// <summary>One turn of one virtual user.</summary>
/// <param name="InstanceNumber">Which virtual user.</param>
/// <param name="InvocationNumber">Its how manieth turn.</param>
/// <param name="Random">The user's own dice.</param>
internal sealed record ScenarioContext(int InstanceNumber, long InvocationNumber, Random Random, StepRecorder Recorder, CancellationToken CancellationToken);

/// <summary>How a step or a turn went.</summary>
/// <param name="Message">Of a failure.</param>
internal sealed record Response(bool IsError, long SizeBytes, string? Message)
{
    public static Response Ok(long sizeBytes = 0) => new(IsError: false, sizeBytes, Message: null);

    public static Response Fail(string message) => new(IsError: true, 0, message);
}

/// <summary>A part of a turn that is timed by itself.</summary>
internal static class Step
{
    public static async Task<Response> Run(string name, ScenarioContext context, Func<Task<Response>> run)
    {
        var started = TimeProvider.System.GetTimestamp();
        var response = await run();
        context.Recorder.Record(name, TimeProvider.System.GetElapsedTime(started), response);
        return response;
    }
}

/// <summary>Load over some time: so many users that begin again when they have ended, or so many turns that begin in each interval.</summary>
internal abstract record LoadSimulation(TimeSpan During);

internal sealed record ConstantCopies(int Copies, TimeSpan During) : LoadSimulation(During);

internal sealed record Injection(int Rate, TimeSpan Interval, TimeSpan During) : LoadSimulation(During);

internal static class Simulation
{
    public static LoadSimulation KeepConstant(int copies, TimeSpan during) => new ConstantCopies(copies, during);

    public static LoadSimulation Inject(int rate, TimeSpan interval, TimeSpan during) => new Injection(rate, interval, during);
}
