using Gateway.Model;

namespace Gateway.Billing;

/// <summary>One charge as told to the provider, or the sum of several of one account, entitlement and window.</summary>
/// <param name="IdempotencyKey">Fixed at birth, the same after any retry or restart.</param>
/// <param name="RequestId">The request; of a sum, the first one.</param>
/// <param name="ChargeIndex">Which of the request's charges.</param>
/// <param name="Customer">Who pays.</param>
/// <param name="BillableMetricId">The metric as the provider knows it.</param>
/// <param name="Entitlement">What pays, or null when nothing covers it.</param>
/// <param name="Quantity">Whole units, 1 or more.</param>
/// <param name="OccurredAt">When the request ended, UTC; of a sum, the last one.</param>
/// <param name="RouteId">YARP's route id; "" in a sum over several routes.</param>
/// <param name="Charges">How many charges it sums: 1 or more.</param>
internal sealed record UsageEvent(
    string IdempotencyKey,
    Guid RequestId,
    int ChargeIndex,
    CustomerId Customer,
    string BillableMetricId,
    EntitlementId? Entitlement,
    long Quantity,
    DateTimeOffset OccurredAt,
    string RouteId,
    long Charges = 1);
