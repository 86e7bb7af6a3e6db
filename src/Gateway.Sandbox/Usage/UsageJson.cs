using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Sandbox.Usage;

internal sealed record UsageRequest
{
    public string? IdempotencyKey { get; init; }

    public string? CustomerId { get; init; }

    public string? MerchantId { get; init; }

    public string? Timestamp { get; init; }

    public IReadOnlyList<UsageProperty?>? Properties { get; init; }

    public string? EntitlementId { get; init; }

    public Dictionary<string, string?>? Metadata { get; init; }
}

/// <param name="Quantity">Read as it was written: a fraction must be refused, not rounded.</param>
internal sealed record UsageProperty(string? BillableMetricId, JsonElement? Quantity, string? Price);

/// <summary>Items stay JSON, so that one malformed event fails alone and not its batch.</summary>
internal sealed record UsageBatchRequest(IReadOnlyList<JsonElement>? Events);

internal sealed record UsageEvent(
    string Id, string Object, string SubscriptionId, string CustomerId, string ConsumerId, string MerchantId, string? Description, string? EntitlementId,
    IReadOnlyList<UsageEventProperty> Properties, string Timestamp, string CreatedAt, string IdempotencyKey, IReadOnlyDictionary<string, string?>? Metadata,
    UsageBilling? Billing, UsageRefund? Refund);

internal sealed record UsageEventProperty(string BillableMetricId, long Quantity, string? Price);

internal sealed record UsageBilling(string BillingEventId, string Currency, string? InvoiceId, long Price, long TotalTax, long TotalAmount);

internal sealed record UsageRefund(string? Reason, string RefundedAt);

internal sealed record UsageBatchAnswer(string Object, IReadOnlyList<UsageEvent> Successful, IReadOnlyList<UsageFailure> Failed, UsageSummary Summary);

internal sealed record UsageFailure(int Index, string Error, string? IdempotencyKey);

internal sealed record UsageSummary(int Total, int Successful, int Failed);

internal sealed record UsageList(string Object, IReadOnlyList<UsageEvent> Data, Pagination Pagination);

internal sealed record Pagination(int Limit, int Offset, int Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UsageRequest))]
[JsonSerializable(typeof(UsageBatchRequest))]
[JsonSerializable(typeof(UsageEvent))]
[JsonSerializable(typeof(UsageBatchAnswer))]
[JsonSerializable(typeof(UsageList))]
internal sealed partial class UsageJson : JsonSerializerContext;
