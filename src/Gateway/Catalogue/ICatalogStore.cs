namespace Gateway.Catalogue;

/// <summary>Products, metrics, plans, fees and prices at the billing platform. Throws <see cref="Billing.BillingException"/>.</summary>
internal interface ICatalogStore
{
    Task<IReadOnlyList<StoredProduct>> ProductsAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredMetric>> MetricsAsync(string productId, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredFee>> FeesAsync(string productId, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredPlan>> PlansAsync(string productId, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredPrice>> PricesAsync(string metricId, CancellationToken cancellationToken);

    Task<string> CreateAsync(CatalogProduct product, CancellationToken cancellationToken);

    Task<string> CreateAsync(CatalogMetric metric, string productId, CancellationToken cancellationToken);

    Task<string> CreateAsync(UpfrontFee fee, string productId, CancellationToken cancellationToken);

    Task<string> CreateAsync(NewPrice price, CancellationToken cancellationToken);

    Task<string> CreateAsync(CatalogPlan plan, string productId, IReadOnlyList<string> priceIds, CancellationToken cancellationToken);

    Task UpdateAsync(string id, CatalogProduct product, CancellationToken cancellationToken);

    Task UpdateAsync(string id, CatalogMetric metric, CancellationToken cancellationToken);

    Task UpdateAsync(string id, NewPrice price, CancellationToken cancellationToken);

    Task UpdateAsync(string id, CatalogPlan plan, IReadOnlyList<string> priceIds, CancellationToken cancellationToken);
}

// What the platform has. What it left out of an answer is null.

internal sealed record StoredProduct(string Id, string? Name, string? Description);

internal sealed record StoredMetric(string Id, string? Name, string? Description, string? Unit, string? Aggregation);

internal sealed record StoredFee(string Id, string? Name);

internal sealed record StoredPlan(string Id, string? Name, string? Description, string? Currency, IReadOnlyList<StoredPrice> Prices);

/// <param name="UnitPrice">Null when it is not a standard price.</param>
internal sealed record StoredPrice(
    string Id, string? BillableMetricId, string? FeeId, string? InvoiceDisplayName, PaymentTerm? PaymentTerm, decimal? UnitPrice);

/// <summary>A price for a metric, or, billed once, for a fee: one of the two ids is given.</summary>
internal sealed record NewPrice(string? BillableMetricId, string? FeeId, string InvoiceDisplayName, PaymentTerm PaymentTerm, decimal UnitPrice);
