namespace Gateway.Simulation.Duel.Rules;

/// <summary>
/// 3scale's APIcast batcher over Apisonator: a verdict is believed for 10 seconds, usage is summed in the process and reported every 10 seconds.
/// </summary>
internal sealed class AsyncCounter(DuelWorld world) : RuleNode(world)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, long> _unreported = [];
    private readonly Dictionary<int, (bool Allowed, long AskedAt)> _verdicts = [];

    protected override void Forget()
    {
        _unreported.Clear();
        _verdicts.Clear();
    }

    protected override async Task<Verdict> AdmitAsync(int customer)
    {
        if (!_verdicts.TryGetValue(customer, out var verdict) || World.Clock.GetElapsedTime(verdict.AskedAt) > Believed)
        {
            try
            {
                verdict = (await World.PlatformAsync(p => p.Balance(customer)) > 0, World.Clock.GetTimestamp());
                _verdicts[customer] = verdict;
            }
            catch (TimeoutException)
            {
                return Verdict.Unavailable;
            }
        }

        return verdict.Allowed ? Verdict.Admit : Verdict.Deny;
    }

    protected override Task SettleAsync(int customer)
    {
        _unreported[customer] = _unreported.GetValueOrDefault(customer) + 1;
        return Task.CompletedTask;
    }

    protected override Task FlushAsync() => Reports.SendAsync(World, _unreported);
}
