namespace Gateway.Catalogue;

/// <summary>What is sold, as it is to be at Paygentic: one product, what is counted, and the plans that put prices on it.</summary>
internal sealed record Catalog(CatalogProduct Product, IReadOnlyList<CatalogMetric> Metrics, IReadOnlyList<CatalogPlan> Plans);

/// <param name="Name">What it is found by at Paygentic; a new name is a new product.</param>
internal sealed record CatalogProduct(string Name, string Description);

/// <param name="Key">Its name in <c>Gateway:Metrics</c>.</param>
/// <param name="Name">What it is found by at Paygentic, within the product.</param>
internal sealed record CatalogMetric(string Key, string Name, string Description, string Unit);

/// <param name="Key">Its name in <c>Gateway:Plans</c>.</param>
/// <param name="Name">What it is found by at Paygentic, within the product.</param>
/// <param name="Currency">Three capital letters; Paygentic does not let it change.</param>
/// <param name="Prices">By metric key.</param>
/// <param name="UpfrontFee">Paid once at the checkout, before anything else; null: none.</param>
internal sealed record CatalogPlan(
    string Key, string Name, string? Description, string Currency, PaymentTerm PaymentTerm, IReadOnlyList<CatalogPrice> Prices, UpfrontFee? UpfrontFee);

/// <param name="UnitPrice">Dollars, or what the currency is, of one unit; at most nine decimals.</param>
internal sealed record CatalogPrice(string Metric, decimal UnitPrice);

/// <param name="Name">What customers see on the invoice.</param>
internal sealed record UpfrontFee(string Name, decimal Amount);

internal enum PaymentTerm
{
    /// <summary>Billed at the end of the period.</summary>
    InArrears,

    /// <summary>Billed at the start of the period.</summary>
    InAdvance,

    /// <summary>Taken from the wallet with every usage event. Merchants of the Legacy generation alone; Paygentic's present schema does not list it.</summary>
    Instant,
}
