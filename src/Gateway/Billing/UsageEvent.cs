using Gateway.Model;

namespace Gateway.Billing;

/// <summary>One charge as told to the provider.</summary>
/// <param name="IdempotencyKey">Fixed at birth, the same after any retry or restart.</param>
internal sealed record UsageEvent(
    string IdempotencyKey,
    Guid RequestId,
    int ChargeIndex,
    CustomerId Customer,
    string BillableMetricId,
    EntitlementId? Entitlement,
    long Quantity,
    DateTimeOffset OccurredAt,
    string RouteId);
