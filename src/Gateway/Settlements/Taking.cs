using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Settlements;

/// <summary>
/// What a request has of one lease, and how much of it is charged. Without a lease it is a charge that no entitlement covers; what it holds is
/// then on allowance.
/// </summary>
internal readonly record struct Taking(Account Account, Meter Meter, CarryMark Carry, Lease? Lease, bool HasUse, long Held, long Charged)
{
    /// <summary>What was measured on the meter, in millionths of a unit; with the first taking only.</summary>
    public long Measured { get; init; }

    /// <summary>Whether it is in the settlement.</summary>
    public bool IsRecorded => Charged > 0 || Carry.Version > 0;

    public bool IsUncovered => Lease is null;

    public Charge ToCharge() => new(
        Meter.Metric.Name, Meter.Metric.BillableMetricId, Lease?.Entitlement, Charged > 0 ? Lease?.Id ?? Guid.Empty : Guid.Empty, Charged, Carry)
    { Measured = Measured };

    /// <summary>Books the charge at the lease and puts the rest back. A use goes back only when nothing was charged.</summary>
    public void Book()
    {
        Account.Charged(Charged, covered: Lease is not null);
        if (Lease is null)
        {
            if (Held > 0) Account.GiveBack(Math.Max(0, Held - Charged));
            return;
        }

        if (Charged > 0) Lease.Charge(Charged);
        Lease.Return(Held - Charged, Charged > 0 ? 0 : 1);
    }

    public void Undo()
    {
        if (Lease is not null) Lease.Return(Held, HasUse ? 1 : 0);
        else if (Held > 0) Account.GiveBack(Held);
        if (Carry.Version > 0 && Measured > 0) Account.TakeBack(Measured, Carry);
    }
}
