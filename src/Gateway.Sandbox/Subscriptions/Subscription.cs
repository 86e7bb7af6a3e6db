using System.Text.Json.Nodes;

namespace Gateway.Sandbox.Subscriptions;

internal enum SubscriptionStatus
{
    PendingPayment,
    Active,
    Terminated,
}

/// <summary>A customer's subscription to a plan. Changed under its own lock.</summary>
internal sealed class Subscription(string id, string customerId, string planId, string name, DateTimeOffset startedAt, DateTimeOffset createdAt)
{
    public Lock Lock { get; } = new();

    public string Id { get; } = id;

    public string CustomerId { get; } = customerId;

    public string PlanId { get; } = planId;

    public string Name { get; } = name;

    public DateTimeOffset StartedAt { get; } = startedAt;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    /// <summary>The merchant's own, given back as it came.</summary>
    public JsonNode? Metadata { get; init; }

    public SubscriptionStatus Status { get; set; }

    public string? TerminationReason { get; set; }

    public DateTimeOffset? TerminatedAt { get; set; }

    /// <summary>What has to be paid before it is active, or null.</summary>
    public CheckoutSession? Checkout { get; set; }

    /// <summary>When portal links were asked for in the last second.</summary>
    public Queue<DateTimeOffset> PortalCalls { get; } = new();

    /// <summary>Null: nothing is to be paid, or it can not be paid any more.</summary>
    public CheckoutSession? CheckoutAt(DateTimeOffset now) =>
        Status == SubscriptionStatus.PendingPayment && Checkout is { } checkout && checkout.ExpiresAt > now ? checkout : null;
}

/// <param name="WalletCharge">What paying puts into the wallet, in atomic units.</param>
internal sealed record CheckoutSession(string Id, long UpfrontCharges, long WalletCharge, string? OnSuccess, DateTimeOffset ExpiresAt);
