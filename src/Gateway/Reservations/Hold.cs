using Gateway.Pricing;

namespace Gateway.Reservations;

/// <summary>Units of one lease, and one of its uses, held by one request for one of its meters.</summary>
internal readonly record struct Hold(Account Account, Meter Meter, Lease Lease, long Units);
