namespace Gateway.Simulation.Duel.Rules;

/// <summary>
/// LiteLLM before 1.84: reads what was spent, forwards when that is below the budget, adds afterwards. Between the two are all requests that run.
/// An increment that got no answer is sent again; without Redis there is no check. Usage goes to the bill in batches every 10 seconds.
/// </summary>
internal sealed class CheckThenCharge(DuelWorld world) : RuleNode(world)
{
    private readonly Dictionary<int, long> _unreported = [];

    protected override void Forget() => _unreported.Clear();

    protected override async Task<Verdict> AdmitAsync(int customer)
    {
        try
        {
            var spent = await World.RedisAsync(r => r.Get(Key(customer))) ?? 0;
            return spent < World.Truth.Paid(customer) ? Verdict.Admit : Verdict.Deny;
        }
        catch (TimeoutException)
        {
            return Verdict.Admit;
        }
    }

    protected override async Task SettleAsync(int customer)
    {
        _unreported[customer] = _unreported.GetValueOrDefault(customer) + 1;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                await World.RedisAsync(r => r.Increment(Key(customer), 1));
                return;
            }
            catch (TimeoutException)
            {
                // It may have been added. Once more.
            }
        }
    }

    protected override Task FlushAsync() => Reports.SendAsync(World, _unreported);

    private static string Key(int customer) => $"spent:{customer}";
}
