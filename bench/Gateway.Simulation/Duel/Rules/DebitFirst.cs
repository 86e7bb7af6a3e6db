namespace Gateway.Simulation.Duel.Rules;

/// <summary>
/// Unkey: every request takes one off a balance in Redis, which is filled from the database when it is missing; the change follows to the database
/// by a queue in memory. Without Redis: read the database, then change it.
/// </summary>
internal sealed class DebitFirst(DuelWorld world) : RuleNode(world)
{
    private const int Workers = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Queue<int> _changes = new();

    protected override void Forget() => _changes.Clear();

    protected override async Task<Verdict> AdmitAsync(int customer)
    {
        try
        {
            var taken = await World.RedisAsync(r => r.TryTake(Key(customer)));
            if (taken is null)
            {
                var balance = await World.PlatformAsync(p => p.Balance(customer));
                await World.RedisAsync(r =>
                {
                    r.Set(Key(customer), balance);
                    return true;
                });
                taken = await World.RedisAsync(r => r.TryTake(Key(customer)));
            }

            if (taken == true) _changes.Enqueue(customer);
            return taken == true ? Verdict.Admit : Verdict.Deny;
        }
        catch (TimeoutException)
        {
            return await AdmitWithoutRedisAsync(customer);
        }
    }

    protected override Task SettleAsync(int customer) => Task.CompletedTask;

    protected override Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync()));

    protected override Task FlushAsync() => Task.CompletedTask; // the workers go on until the queue is empty

    private async Task WorkAsync()
    {
        while (true)
        {
            if (_changes.TryDequeue(out var customer)) await ReplayAsync(customer);
            else await World.Clock.DelayAsync(Pause);
        }
    }

    private async Task ReplayAsync(int customer)
    {
        try
        {
            await World.PlatformAsync(p => p.Report(customer, 1));
        }
        catch (TimeoutException)
        {
            // A replay that fails is logged, no more.
        }
    }

    private async Task<Verdict> AdmitWithoutRedisAsync(int customer)
    {
        try
        {
            if (await World.PlatformAsync(p => p.Balance(customer)) <= 0) return Verdict.Deny;
            await World.PlatformAsync(p => p.Report(customer, 1));
            return Verdict.Admit;
        }
        catch (TimeoutException)
        {
            return Verdict.Unavailable;
        }
    }

    public static string Key(int customer) => $"balance:{customer}";
}
