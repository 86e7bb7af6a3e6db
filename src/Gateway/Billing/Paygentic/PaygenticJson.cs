using System.Text.Json.Serialization;

namespace Gateway.Billing.Paygentic;

// Everything that is read is nullable: Paygentic sends explicit nulls for fields its schema declares otherwise. Unknown fields are ignored.

internal sealed record EntitlementRequest(string MerchantId, string CustomerId, IReadOnlyList<EntitlementItem> EntitlementData, int MaxUses);

internal sealed record EntitlementItem(string BillableMetricId, long Quantity);

internal sealed record EntitlementAnswer(string? Id, DateTimeOffset? ExpiresAt, int? MaxUses);

internal sealed record UsageRequest(
    string IdempotencyKey,
    string CustomerId,
    string MerchantId,
    string Timestamp,
    IReadOnlyList<EntitlementItem> Properties,
    string? EntitlementId,
    UsageMetadata Metadata);

internal sealed record UsageMetadata(string RequestId, string Route, string? Charges);

internal sealed record UsageBatchRequest(IReadOnlyList<UsageRequest> Events);

internal sealed record UsageAnswer(string? Id, string? IdempotencyKey);

internal sealed record UsageBatchAnswer(IReadOnlyList<UsageAnswer?>? Successful, IReadOnlyList<UsageFailure?>? Failed);

internal sealed record UsageFailure(int? Index, string? Error, string? IdempotencyKey);

internal sealed record ErrorAnswer(string? Message, string? Error, string? Code, IReadOnlyList<FieldError?>? Errors);

internal sealed record FieldError(string? Field, string? Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EntitlementRequest))]
[JsonSerializable(typeof(EntitlementAnswer))]
[JsonSerializable(typeof(UsageRequest))]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(UsageBatchRequest))]
[JsonSerializable(typeof(UsageBatchAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class PaygenticJson : JsonSerializerContext;
