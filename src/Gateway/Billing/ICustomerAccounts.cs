using Gateway.Model;

namespace Gateway.Billing;

/// <summary>The customers of the billing platform in our words. Throws <see cref="BillingException"/>.</summary>
internal interface ICustomerAccounts
{
    /// <summary>The customer of this e-mail address, who is made if need be.</summary>
    Task<CustomerId> EnsureCustomerAsync(NewCustomer customer, CancellationToken cancellationToken);

    /// <summary>Makes a subscription to a plan. Repeated it may make another: whoever asks looks for one first, and sees to it that nobody else does meanwhile.</summary>
    Task<Subscription> CreateSubscriptionAsync(CustomerId customer, NewSubscription wanted, CancellationToken cancellationToken);

    /// <summary>Ends one that is overdue, for another to take its place.</summary>
    Task EndOverdueAsync(string id, CancellationToken cancellationToken);

    Task<Subscription> SubscriptionAsync(string id, CancellationToken cancellationToken);

    /// <summary>All there ever were, the newest first.</summary>
    Task<IReadOnlyList<Subscription>> SubscriptionsAsync(CustomerId customer, CancellationToken cancellationToken);

    /// <summary>A link to the customer's own pages. May be asked for once a second.</summary>
    Task<PortalLink> PortalAsync(string subscriptionId, CancellationToken cancellationToken);

    /// <summary>The latest charges, newest first.</summary>
    Task<IReadOnlyList<BilledCharge>> ChargesAsync(CustomerId customer, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken);
}

/// <param name="ExternalId">The id in the merchant's own books, or null.</param>
internal sealed record NewCustomer(string Name, string Email, PostalAddress Address, string? ExternalId);

/// <summary>For tax. <paramref name="Country"/> has two letters.</summary>
internal sealed record PostalAddress(string? Line1, string? Line2, string? City, string? State, string? ZipCode, string Country);

/// <param name="PrefundAmount">Dollars to put into the wallet, as a decimal text, or null.</param>
/// <param name="OnSuccess">Where the checkout leads to, or null.</param>
internal sealed record NewSubscription(string PlanId, string Name, string? PrefundAmount, string? OnSuccess);

internal enum SubscriptionStatus
{
    PendingPayment,
    Active,
    Terminated,
}

/// <param name="CheckoutUrl">Where a pending one is paid, or null.</param>
internal sealed record Subscription(string Id, string PlanId, SubscriptionStatus Status, string? CheckoutUrl)
{
    /// <summary>It waits for a payment, and its checkout, which the gateway made, takes none any more.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>It was ended because it was overdue: the next one to the same plan is in its place.</summary>
    public bool WasOverdue { get; init; }
}

internal sealed record PortalLink(string Url, DateTimeOffset ExpiresAt);

/// <param name="Receipt">The idempotency key that it was reported under.</param>
/// <param name="Quantity">As the platform has it: it may have events that are not the gateway's.</param>
/// <param name="AtomicPrice">Billionths of a dollar; null: not billed yet.</param>
internal sealed record BilledCharge(string Receipt, DateTimeOffset At, string BillableMetricId, decimal Quantity, long? AtomicPrice);
