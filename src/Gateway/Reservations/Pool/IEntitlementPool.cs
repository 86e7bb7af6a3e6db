using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Reservations.Pool;

/// <summary>An account's unspent entitlements, shared by all gateways. Every change has an operation id: repeating one changes nothing.</summary>
internal interface IEntitlementPool
{
    /// <summary>Adds a new entitlement, once.</summary>
    Task DepositAsync(AccountId account, Entitlement entitlement);

    /// <summary>Takes up to <paramref name="units"/> units out of the entitlement that expires first and is not within <paramref name="margin"/> of it.</summary>
    /// <returns>Null when the pool has none.</returns>
    Task<PooledUnits?> LeaseAsync(AccountId account, Guid leaseId, long units, TimeSpan margin);

    /// <summary>Puts back what a lease did not spend, once.</summary>
    Task ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest);
}

/// <summary>Units and uses of one entitlement.</summary>
internal sealed record PooledUnits(EntitlementId Entitlement, long Units, int Uses, DateTimeOffset ExpiresAt);
