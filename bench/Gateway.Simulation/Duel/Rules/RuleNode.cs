using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Duel.Rules;

internal enum Verdict
{
    Admit,
    Deny,
    Unavailable,
}

/// <summary>A node that asks its rule before it forwards, and tells it afterwards.</summary>
internal abstract class RuleNode(DuelWorld world) : IContender
{
    private Process? _process;

    protected DuelWorld World => world;

    public void Start()
    {
        Forget();
        _process = world.NewProcess();
        _process.Start(RunAsync);
    }

    public void Kill() => _process!.Kill();

    public void Handle(int customer, TimeSpan upstream) => _process!.Start(async () =>
    {
        var verdict = await AdmitAsync(customer);
        if (verdict != Verdict.Admit)
        {
            world.Truth.Deny(customer, verdict == Verdict.Unavailable);
            return;
        }

        world.Truth.Admit(customer);
        await world.Clock.DelayAsync(upstream);
        world.Truth.Serve(customer);
        await SettleAsync(customer);
    });

    public void Drain() => _process!.Start(FlushAsync);

    /// <summary>What a new process does not know.</summary>
    protected abstract void Forget();

    protected abstract Task<Verdict> AdmitAsync(int customer);

    protected abstract Task SettleAsync(int customer);

    protected abstract Task FlushAsync();

    protected virtual TimeSpan FlushEvery => TimeSpan.FromSeconds(10);

    /// <summary>What it does beside the requests.</summary>
    protected virtual async Task RunAsync()
    {
        while (true)
        {
            await world.Clock.DelayAsync(FlushEvery);
            await FlushAsync();
        }
    }
}
