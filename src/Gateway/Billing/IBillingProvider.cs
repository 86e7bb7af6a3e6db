using Gateway.Model;

namespace Gateway.Billing;

/// <summary>The billing platform in our words. Each of its generations is an implementation.</summary>
internal interface IBillingProvider
{
    /// <summary>Sets money aside for one customer and metric. Never repeated by the implementation: a lost answer may have reserved.</summary>
    Task<GrantResult> GrantAsync(GrantRequest request, CancellationToken cancellationToken);

    /// <summary>Reports usage, at most <see cref="MaxBatch"/> events. Safe to repeat: each event has a fixed idempotency key.</summary>
    Task<IReadOnlyList<EventResult>> RecordAsync(IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken);

    int MaxBatch { get; }

    int MaxUsesPerEntitlement { get; }
}

internal readonly record struct GrantRequest(CustomerId Customer, string BillableMetricId, long Units, int Uses);

internal enum GrantOutcome
{
    Granted,

    /// <summary>The provider refused for want of money.</summary>
    NoFunds,

    /// <summary>Refused for another reason, or never reached; nothing was reserved.</summary>
    Refused,

    /// <summary>No answer, or one that can not be read: the money may or may not be set aside.</summary>
    Ambiguous,
}

/// <summary>What came of a grant. <paramref name="Reason"/> is for logs and health, and holds no secret.</summary>
internal sealed record GrantResult(GrantOutcome Outcome, Entitlement? Entitlement = null, string Reason = "", TimeSpan? RetryAfter = null);

/// <summary>Money set aside at the provider.</summary>
/// <param name="Lifetime">Time until it ends, counted from the provider's answer and by its own clock: nobody else's need be right.</param>
internal sealed record Entitlement(EntitlementId Id, long Units, int Uses, TimeSpan Lifetime);

internal enum EventOutcome
{
    /// <summary>Recorded, now or before.</summary>
    Accepted,

    /// <summary>Refused for good.</summary>
    Refused,

    /// <summary>Not decided; ask again.</summary>
    Retry,
}

/// <param name="StatusCode">The provider's; 0 when there was no answer, <see cref="NotSent"/> when it can not have reached the provider.</param>
internal readonly record struct EventResult(EventOutcome Outcome, int StatusCode = 0, string Reason = "", TimeSpan? RetryAfter = null)
{
    public const int NotSent = -1;

    /// <summary>Whether the whole call failed, and not only this event in it.</summary>
    public bool IsFailedCall => Outcome == EventOutcome.Retry && StatusCode != StatusCodes.Status207MultiStatus;
}
