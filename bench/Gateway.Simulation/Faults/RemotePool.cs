using Gateway.Model;
using Gateway.Reservations.Pool;
using Gateway.Simulation.Model;

namespace Gateway.Simulation.Faults;

/// <summary>The pool as a node sees it: whatever server it is connected to now, over the network.</summary>
internal sealed class RemotePool(Network network, FaultPlan faults, PoolTerms terms, Func<PoolServer> server) : IEntitlementPool
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(0.3);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request) => CallAsync(pool => pool.LeaseAsync(account, request));

    public Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement) =>
        CallAsync(pool => pool.DepositAsync(account, request, entitlement));

    public Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause) => CallAsync(async pool =>
    {
        await pool.PassAsync(account, reason, units, pause);
        return true;
    });

    public Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest) => CallAsync(pool => pool.ReturnAsync(account, leaseId, rest));

    public Task StowAsync(AccountId account, string operation, int microUnits) => CallAsync(async pool =>
    {
        await pool.StowAsync(account, operation, microUnits);
        return true;
    });

    public Task<PoolContents> InspectAsync(AccountId account) => CallAsync(pool => pool.InspectAsync(account));

    private Task<T> CallAsync<T>(Func<IEntitlementPool, Task<T>> call) =>
        network.CallAsync(() => call(server().For(terms)), Latency, Timeout, () => faults.PoolIsAway, canRepeat: true);
}
