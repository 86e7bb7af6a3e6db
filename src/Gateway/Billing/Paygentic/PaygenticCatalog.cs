using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Catalogue;

namespace Gateway.Billing.Paygentic;

/// <summary>The catalogue at Paygentic.</summary>
internal sealed class PaygenticCatalog(PaygenticClient client, PaygenticOptions options) : ICatalogStore
{
    private const string Once = "P0D";

    /// <summary>The generation that the gateway speaks. A merchant who can not have it is told so by Paygentic here, not at the first request that nobody pays for.</summary>
    private const int BillingVersion = 0;

    private string Merchant => $"merchantId={Uri.EscapeDataString(options.MerchantId)}";

    public async Task<IReadOnlyList<StoredProduct>> ProductsAsync(CancellationToken cancellationToken) =>
        [.. (await ListAsync("products", Merchant, p => p.Id, CatalogJson.Default.Products, cancellationToken)).Select(p => new StoredProduct(Id(p.Id), p.Name, p.Description))];

    public async Task<IReadOnlyList<StoredMetric>> MetricsAsync(string productId, CancellationToken cancellationToken) =>
    [
        .. (await ListAsync("billableMetrics", Product(productId), m => m.Id, CatalogJson.Default.Metrics, cancellationToken))
            .Select(m => new StoredMetric(Id(m.Id), m.Name, m.Description, m.Unit, m.Aggregation)),
    ];

    public async Task<IReadOnlyList<StoredFee>> FeesAsync(string productId, CancellationToken cancellationToken) =>
        [.. (await ListAsync("fees", Product(productId), f => f.Id, CatalogJson.Default.Fees, cancellationToken)).Select(f => new StoredFee(Id(f.Id), f.Name))];

    public async Task<IReadOnlyList<StoredPlan>> PlansAsync(string productId, CancellationToken cancellationToken) =>
    [
        .. (await ListAsync("plans", Product(productId), p => p.Id, CatalogJson.Default.Plans, cancellationToken))
            .Select(p => new StoredPlan(Id(p.Id), p.Name, p.Description, p.Currency, [.. (p.Prices ?? []).OfType<PriceAnswer>().Select(ToPrice)])),
    ];

    public async Task<IReadOnlyList<StoredPrice>> PricesAsync(string metricId, CancellationToken cancellationToken) =>
        [.. (await ListAsync("prices", $"billableMetricId={Uri.EscapeDataString(metricId)}", p => p.Id, CatalogJson.Default.Prices, cancellationToken)).Select(ToPrice)];

    public Task<string> CreateAsync(CatalogProduct product, CancellationToken cancellationToken) => CreateAsync(
        "products", new ProductRequest(product.Name, product.Description, options.MerchantId), CatalogJson.Default.ProductRequest, cancellationToken);

    public Task<string> CreateAsync(CatalogMetric metric, string productId, CancellationToken cancellationToken) => CreateAsync(
        "billableMetrics",
        new MetricRequest(metric.Name, metric.Description, metric.Unit, options.MerchantId, CatalogApplication.Aggregation, productId),
        CatalogJson.Default.MetricRequest, cancellationToken);

    public Task<string> CreateAsync(UpfrontFee fee, string productId, CancellationToken cancellationToken) => CreateAsync(
        "fees", new FeeRequest(fee.Name, fee.Name, options.MerchantId, productId), CatalogJson.Default.FeeRequest, cancellationToken);

    public Task<string> CreateAsync(NewPrice price, CancellationToken cancellationToken) => CreateAsync(
        "prices",
        new PriceRequest(
            price.BillableMetricId, price.FeeId, price.InvoiceDisplayName, Term(price.PaymentTerm), Model: "standard", price.FeeId is null ? null : Once,
            new PriceProperties(Amount(price.UnitPrice))),
        CatalogJson.Default.PriceRequest, cancellationToken);

    public Task<string> CreateAsync(CatalogPlan plan, string productId, IReadOnlyList<string> priceIds, CancellationToken cancellationToken) => CreateAsync(
        "plans", new PlanRequest(plan.Name, plan.Description, plan.Currency, options.MerchantId, productId, priceIds, BillingVersion),
        CatalogJson.Default.PlanRequest, cancellationToken);

    public Task UpdateAsync(string id, CatalogProduct product, CancellationToken cancellationToken) =>
        UpdateAsync("products", id, new ProductUpdate(product.Name, product.Description), CatalogJson.Default.ProductUpdate, cancellationToken);

    public Task UpdateAsync(string id, CatalogMetric metric, CancellationToken cancellationToken) =>
        UpdateAsync("billableMetrics", id, new MetricUpdate(metric.Name, metric.Description, metric.Unit), CatalogJson.Default.MetricUpdate, cancellationToken);

    public Task UpdateAsync(string id, NewPrice price, CancellationToken cancellationToken) => UpdateAsync(
        "prices", id, new PriceUpdate(price.InvoiceDisplayName, Term(price.PaymentTerm), new PriceProperties(Amount(price.UnitPrice))),
        CatalogJson.Default.PriceUpdate, cancellationToken);

    public Task UpdateAsync(string id, CatalogPlan plan, IReadOnlyList<string> priceIds, CancellationToken cancellationToken) =>
        UpdateAsync("plans", id, new PlanUpdate(plan.Description, priceIds), CatalogJson.Default.PlanUpdate, cancellationToken);

    private async Task<IEnumerable<T>> ListAsync<T>(
        string resource, string filter, Func<T, string?> id, JsonTypeInfo<ListAnswer<T>> type, CancellationToken cancellationToken)
        where T : class =>
        (await client.ListAsync($"v0/{resource}?{filter}", id, type, $"list of {resource}", cancellationToken)).Select(e => e.Entry);

    private async Task<string> CreateAsync<T>(string resource, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync($"v0/{resource}", body, type, CatalogJson.Default.CreatedAnswer, cancellationToken);
        return Id(answer.Read($"new one of {resource}").Id);
    }

    private async Task UpdateAsync<T>(string resource, string id, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var answer = await client.PatchAsync($"v0/{resource}/{Uri.EscapeDataString(id)}", body, type, CatalogJson.Default.CreatedAnswer, cancellationToken);
        answer.Read($"change of {resource}");
    }

    private string Product(string id) => $"{Merchant}&productId={Uri.EscapeDataString(id)}";

    private static StoredPrice ToPrice(PriceAnswer answer) => new(
        Id(answer.Id), answer.BillableMetricId, answer.FeeId, answer.InvoiceDisplayName,
        answer.PaymentTerm switch
        {
            "in_arrears" => PaymentTerm.InArrears,
            "in_advance" => PaymentTerm.InAdvance,
            "instant" => PaymentTerm.Instant,
            _ => null,
        },
        decimal.TryParse(answer.Properties?.UnitPrice, NumberStyles.Float, CultureInfo.InvariantCulture, out var price) ? price : null);

    private static string Term(PaymentTerm term) => term switch
    {
        PaymentTerm.InArrears => "in_arrears",
        PaymentTerm.InAdvance => "in_advance",
        _ => "instant",
    };

    private static string Amount(decimal amount) => amount.ToString("0.#########", CultureInfo.InvariantCulture);

    private static string Id(string? id) => id ?? throw new BillingException("Paygentic gave something without an id.", isRefusal: false);
}
