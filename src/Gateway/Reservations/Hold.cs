using Gateway.Pricing;

namespace Gateway.Reservations;

/// <summary>
/// Units of one lease, and one of its uses, held by one request for one of its meters. Without a lease they are on allowance: nothing was
/// reserved, for the pool or the provider was away, and the route allows it.
/// </summary>
internal readonly record struct Hold(Account Account, Meter Meter, Lease? Lease, long Units)
{
    /// <summary>Puts everything back.</summary>
    public void Release()
    {
        if (Lease is not null) Lease.Return(Units, uses: 1);
        else Account.GiveBack(Units);
    }
}
