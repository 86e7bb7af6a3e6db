using System.Text.Json.Serialization;

namespace Gateway.Billing.Paygentic;

// The catalogue, as Paygentic has it. What is read is nullable.

internal sealed record ProductRequest(string Name, string Description, string MerchantId);

internal sealed record MetricRequest(string Name, string Description, string Unit, string MerchantId, string Aggregation, string ProductId);

internal sealed record MetricUpdate(string Name, string Description, string Unit);

internal sealed record ProductUpdate(string Name, string Description);

internal sealed record FeeRequest(string Name, string Description, string MerchantId, string ProductId);

internal sealed record PriceRequest(
    string? BillableMetricId, string? FeeId, string InvoiceDisplayName, string PaymentTerm, string? Model, string? BillingCadence, PriceProperties Properties);

internal sealed record PriceUpdate(string InvoiceDisplayName, string PaymentTerm, PriceProperties Properties);

internal sealed record PriceProperties(string? UnitPrice);

internal sealed record PlanRequest(
    string Name, string? Description, string Currency, string MerchantId, string ProductId, IReadOnlyList<string> Prices, int BillingVersion);

internal sealed record PlanUpdate(string? Description, IReadOnlyList<string> Prices);

internal sealed record CreatedAnswer(string? Id);

internal sealed record ProductAnswer(string? Id, string? Name, string? Description);

internal sealed record MetricAnswer(string? Id, string? Name, string? Description, string? Unit, string? Aggregation);

internal sealed record FeeAnswer(string? Id, string? Name);

internal sealed record PlanAnswer(string? Id, string? Name, string? Description, string? Currency, IReadOnlyList<PriceAnswer?>? Prices);

internal sealed record PriceAnswer(
    string? Id, string? BillableMetricId, string? FeeId, string? InvoiceDisplayName, string? PaymentTerm, PriceProperties? Properties);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProductRequest))]
[JsonSerializable(typeof(ProductUpdate))]
[JsonSerializable(typeof(MetricRequest))]
[JsonSerializable(typeof(MetricUpdate))]
[JsonSerializable(typeof(FeeRequest))]
[JsonSerializable(typeof(PriceRequest))]
[JsonSerializable(typeof(PriceUpdate))]
[JsonSerializable(typeof(PlanRequest))]
[JsonSerializable(typeof(PlanUpdate))]
[JsonSerializable(typeof(CreatedAnswer))]
[JsonSerializable(typeof(ListAnswer<ProductAnswer>), TypeInfoPropertyName = "Products")]
[JsonSerializable(typeof(ListAnswer<MetricAnswer>), TypeInfoPropertyName = "Metrics")]
[JsonSerializable(typeof(ListAnswer<FeeAnswer>), TypeInfoPropertyName = "Fees")]
[JsonSerializable(typeof(ListAnswer<PlanAnswer>), TypeInfoPropertyName = "Plans")]
[JsonSerializable(typeof(ListAnswer<PriceAnswer>), TypeInfoPropertyName = "Prices")]
internal sealed partial class CatalogJson : JsonSerializerContext;
