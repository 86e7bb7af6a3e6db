using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Settlements;

/// <summary>What a request has of one lease, and how much of it is charged. Without a lease it is a charge that no entitlement covers.</summary>
internal readonly record struct Taking(Account Account, Meter Meter, CarryMark Carry, Lease? Lease, bool HasUse, long Held, long Charged)
{
    public bool IsUncovered => Lease is null;

    public Charge ToCharge() => new(
        Meter.Metric.Name, Meter.Metric.BillableMetricId, Lease?.Entitlement, Charged > 0 ? Lease?.Id ?? Guid.Empty : Guid.Empty, Charged, Carry);

    /// <summary>Books the charge at the lease and puts the rest back. A use goes back only when nothing was charged.</summary>
    public void Book()
    {
        Account.Refill.Consumed(Charged);
        if (Lease is null) return;
        if (Charged > 0) Lease.Charge(Charged);
        Lease.TryReturn(Held - Charged, Charged > 0 ? 0 : 1);
    }

    public void Undo() => Lease?.TryReturn(Held, HasUse ? 1 : 0);
}
