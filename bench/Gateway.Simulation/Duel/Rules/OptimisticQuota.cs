namespace Gateway.Simulation.Duel.Rules;

/// <summary>
/// Google's service-control-client: the first request of a customer is admitted on an invented answer, tokens are summed and allocated every second,
/// the last answer holds until the next. No answer counts as yes, and what it was for is dropped.
/// </summary>
internal sealed class OptimisticQuota(DuelWorld world) : RuleNode(world)
{
    private readonly Dictionary<int, long> _tokens = [];
    private readonly Dictionary<int, bool> _allowed = [];

    protected override TimeSpan FlushEvery => TimeSpan.FromSeconds(1);

    protected override void Forget()
    {
        _tokens.Clear();
        _allowed.Clear();
    }

    protected override Task<Verdict> AdmitAsync(int customer)
    {
        // A refused customer is asked about again every second: he costs a call without having had anything.
        var admitted = _allowed.GetValueOrDefault(customer, true);
        _tokens[customer] = _tokens.GetValueOrDefault(customer) + (admitted ? 1 : 0);
        return Task.FromResult(admitted ? Verdict.Admit : Verdict.Deny);
    }

    protected override Task SettleAsync(int customer) => Task.CompletedTask;

    protected override Task FlushAsync() => Task.WhenAll(_tokens.Keys.Order().ToList().Select(AllocateAsync));

    private async Task AllocateAsync(int customer)
    {
        _tokens.Remove(customer, out var units);
        try
        {
            _allowed[customer] = await World.PlatformAsync(p => p.Report(customer, units));
        }
        catch (TimeoutException)
        {
            _allowed[customer] = true;
        }
    }
}
