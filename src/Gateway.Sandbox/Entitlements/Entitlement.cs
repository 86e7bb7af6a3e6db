using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Entitlements;

internal enum EntitlementStatus
{
    Active,
    Used,
    Expired,
}

/// <summary>Money set aside for one customer. Whoever calls holds the customer's lock.</summary>
internal sealed class Entitlement(string id, IReadOnlyList<EntitledUnits> units, int maxUses, long reserved, DateTimeOffset createdAt, DateTimeOffset expiresAt)
{
    public string Id { get; } = id;

    public IReadOnlyList<EntitledUnits> Units { get; } = units;

    public int MaxUses { get; } = maxUses;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    public EntitlementStatus Status { get; private set; }

    /// <summary>What is left of the money set aside.</summary>
    public long Remaining { get; private set; } = reserved;

    public int UsedCount { get; private set; }

    public long UnitsUsed { get; private set; }

    /// <summary>Pays for one event: out of the reserve as far as it goes, the rest out of the wallet; all or nothing.</summary>
    public bool TryUse(Wallet wallet, long cost, long quantity)
    {
        var fromReserve = Math.Min(cost, Remaining);
        if (!wallet.TryCharge(fromReserve, cost - fromReserve)) return false;
        Remaining -= fromReserve;
        UsedCount++;
        UnitsUsed += quantity;
        if (UsedCount >= MaxUses) End(wallet, EntitlementStatus.Used);
        return true;
    }

    public void End(Wallet wallet, EntitlementStatus status)
    {
        Status = status;
        wallet.Release(Remaining);
        Remaining = 0;
    }
}

internal sealed record EntitledUnits(string BillableMetricId, long Quantity);
