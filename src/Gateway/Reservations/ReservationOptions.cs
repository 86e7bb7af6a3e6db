namespace Gateway.Reservations;

internal sealed class ReservationOptions
{
    /// <summary>Seconds of an account's recent use that a lease should cover, 1 to 3,600. Default 10.</summary>
    public int CoverSeconds { get; set; } = 10;

    /// <summary>Least that is asked of the provider at once, in requests' worth of units: 1 to 1,000. Less is asked only when funds are short. Default 10.</summary>
    public int MinBatch { get; set; } = 10;

    /// <summary>Most that is asked of the provider at once, in requests' worth of units: 1 to 1,000, the uses that Paygentic gives one entitlement. Default 1,000.</summary>
    public int MaxBatch { get; set; } = 1000;

    /// <summary>
    /// Seconds before an entitlement's expiry when nothing new is reserved from it any more: covers the longest request and the delay until its
    /// usage event is accepted. With <c>Shipping:Aggregate</c> at least its window, <c>Shipping:MaxDelayMilliseconds</c> and a minute. 1 to 86,400. Default 300.
    /// </summary>
    public int ExpiryMarginSeconds { get; set; } = 300;

    /// <summary>
    /// Seconds without use after which an account's leases go back to the pool, where other nodes find them, and the node forgets the account:
    /// 1 to 3,600. Default 30.
    /// </summary>
    public int IdleSeconds { get; set; } = 30;

    /// <summary>Milliseconds for which "no funds" is remembered, so that a broke customer costs the provider little. 100 to 60,000. Default 1,000.</summary>
    public int NoFundsMilliseconds { get; set; } = 1000;
}
