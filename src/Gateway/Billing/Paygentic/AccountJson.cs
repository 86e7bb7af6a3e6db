using System.Text.Json.Serialization;

namespace Gateway.Billing.Paygentic;

// Customers, subscriptions and what was charged, as Paygentic has them. What is read is nullable.

internal sealed record CustomerRequest(string MerchantId, ConsumerRequest Consumer, string? ExternalId);

internal sealed record ConsumerRequest(string Name, string Email, PostalAddress Address);

internal sealed record CustomerAnswer(string? CustomerId);

internal sealed record SubscriptionRequest(
    string Name, string PlanId, string CustomerId, string StartedAt, string? PrefundAmount, RedirectUrls? RedirectUrls, int SessionExpiryMinutes,
    SubscriptionMetadata Metadata);

/// <summary>The merchant's own fields of a subscription.</summary>
/// <param name="GatewayCheckoutMinutes">For how long the checkout can be paid, which Paygentic does not tell again. Null: the gateway did not make it.</param>
internal sealed record SubscriptionMetadata(decimal? GatewayCheckoutMinutes);

internal sealed record TerminationRequest(string Reason);

internal sealed record RedirectUrls(string? OnSuccess);

internal sealed record SubscriptionAnswer(string? Id, string? CustomerId, string? PlanId, string? Status, PaymentAnswer? Payment, DateTimeOffset? CreatedAt,
    string? TerminationReason, SubscriptionMetadata? Metadata);

internal sealed record PaymentAnswer(string? CheckoutUrl);

internal sealed record PortalRequest(string ExpiresIn);

internal sealed record PortalAnswer(string? Url, DateTimeOffset? ExpiresAt);

internal sealed record UsageList(IReadOnlyList<UsageItem?>? Data);

internal sealed record UsageItem(string? IdempotencyKey, DateTimeOffset? Timestamp, IReadOnlyList<UsageProperty?>? Properties, UsageBilling? Billing);

internal sealed record UsageProperty(string? BillableMetricId, decimal? Quantity);

internal sealed record UsageBilling(long? Price);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(CustomerRequest))]
[JsonSerializable(typeof(CustomerAnswer))]
[JsonSerializable(typeof(SubscriptionRequest))]
[JsonSerializable(typeof(SubscriptionAnswer))]
[JsonSerializable(typeof(TerminationRequest))]
[JsonSerializable(typeof(ListAnswer<SubscriptionAnswer>), TypeInfoPropertyName = "Subscriptions")]
[JsonSerializable(typeof(PortalRequest))]
[JsonSerializable(typeof(PortalAnswer))]
[JsonSerializable(typeof(UsageList))]
internal sealed partial class AccountJson : JsonSerializerContext;
