using Gateway.Model;
using Gateway.Reservations.Pool;
using Gateway.Simulation.Model;

namespace Gateway.Tests.Reservations;

/// <summary>One node's way to a pool in memory, which can be cut.</summary>
internal sealed class TestPool(Func<PoolServer> server, PoolTerms terms) : IEntitlementPool
{
    public Exception? Failure { get; set; }

    /// <summary>The pool does what it is asked next, and the caller never hears of it. Not counting answers with nothing in them.</summary>
    public bool LoseNextAnswer { get; set; }

    /// <inheritdoc cref="LoseNextAnswer"/>
    public bool LoseNextAnswerOfStow { get; set; }

    /// <summary>Happens while a deposit is on its way.</summary>
    public Action? WhileDepositing { get; set; }

    /// <summary>What a question for a lease waits for.</summary>
    public Task BeforeLeasing { get; set; } = Task.CompletedTask;

    public async Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request)
    {
        await BeforeLeasing;
        return await DoAsync(p => p.LeaseAsync(account, request), a => a.Lease is not null);
    }

    public Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement)
    {
        WhileDepositing?.Invoke();
        return DoAsync(p => p.DepositAsync(account, request, entitlement), a => a.Lease is not null);
    }

    public Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause) => DoAsync(
        async p =>
        {
            await p.PassAsync(account, reason, units, pause);
            return true;
        },
        _ => false);

    public Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest) => DoAsync(p => p.ReturnAsync(account, leaseId, rest), _ => true);

    public Task StowAsync(AccountId account, string operation, int microUnits) => DoAsync(
        async p =>
        {
            await p.StowAsync(account, operation, microUnits);
            LoseNextAnswer |= LoseNextAnswerOfStow;
            LoseNextAnswerOfStow = false;
            return true;
        },
        _ => true);

    public Task<PoolContents> InspectAsync(AccountId account) => DoAsync(p => p.InspectAsync(account), _ => false);

    private IEntitlementPool Pool => server().For(terms);

    private async Task<T> DoAsync<T>(Func<IEntitlementPool, Task<T>> call, Func<T, bool> counts)
    {
        if (Failure is not null) throw Failure;
        Task<T> called;
        lock (server()) called = call(Pool); // one thread, as Redis has
        var answer = await called;
        if (!LoseNextAnswer || !counts(answer)) return answer;
        LoseNextAnswer = false;
        throw new TimeoutException("the answer was lost");
    }
}
