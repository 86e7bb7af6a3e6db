using System.Globalization;

namespace Gateway.Catalogue;

/// <summary>
/// Makes Paygentic's catalogue what the file says, step by step and each in an order that can break off: what is there is found by its name, so
/// that running it again goes on where it stopped and makes nothing twice. What the file does not name is left alone.
/// </summary>
/// <param name="store">Paygentic's catalogue.</param>
/// <param name="isDryRun">Only say what would change.</param>
internal sealed class CatalogApplication(ICatalogStore store, bool isDryRun)
{
    /// <summary>What the gateway reports are quantities that add up.</summary>
    public const string Aggregation = "SUM";

    private readonly List<CatalogChange> _changes = [];
    private readonly Dictionary<string, string> _metricIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _planIds = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inUse = new(StringComparer.Ordinal);
    private string? _productId;

    public IReadOnlyList<CatalogChange> Changes => _changes;

    /// <summary>Paygentic's ids by the names in the file, of all that is there now.</summary>
    public CatalogIds Ids => new(_metricIds, _planIds);

    /// <exception cref="CatalogConflictException">Something has to be decided by people. What came before it is done.</exception>
    /// <exception cref="Billing.BillingException">Paygentic did not do it. What came before it is done.</exception>
    public async Task RunAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        await ApplyAsync(catalog.Product, cancellationToken);
        var metrics = _productId is null ? [] : await store.MetricsAsync(_productId, cancellationToken);
        foreach (var metric in catalog.Metrics) await ApplyAsync(metric, metrics, cancellationToken);

        var plans = _productId is null ? [] : await store.PlansAsync(_productId, cancellationToken);
        foreach (var plan in catalog.Plans) await ApplyAsync(plan, plans, cancellationToken);
    }

    private async Task ApplyAsync(CatalogProduct product, CancellationToken cancellationToken)
    {
        var found = Only($"product '{product.Name}'", await store.ProductsAsync(cancellationToken), p => p.Name == product.Name, p => p.Id);
        _productId = await StepAsync(
            "product", found?.Id, Differences(("description", found?.Description, product.Description)),
            () => store.CreateAsync(product, cancellationToken), id => store.UpdateAsync(id, product, cancellationToken));
    }

    private async Task ApplyAsync(CatalogMetric metric, IReadOnlyList<StoredMetric> stored, CancellationToken cancellationToken)
    {
        var found = Only($"metric '{metric.Name}'", stored, m => m.Name == metric.Name, m => m.Id);
        if (found is not null && found.Aggregation != Aggregation)
        {
            throw new CatalogConflictException(
                $"The metric '{metric.Name}' ({found.Id}) has the aggregation {found.Aggregation} at Paygentic, where it can not be changed, and not {Aggregation}. Give the metric another Name.");
        }


        var id = await StepAsync(
            $"metric {metric.Key}", found?.Id, Differences(("description", found?.Description, metric.Description), ("unit", found?.Unit, metric.Unit)),
            () => store.CreateAsync(metric, _productId!, cancellationToken), known => store.UpdateAsync(known, metric, cancellationToken));
        if (id is not null) _metricIds[metric.Key] = id;
    }

    private async Task ApplyAsync(CatalogPlan plan, IReadOnlyList<StoredPlan> stored, CancellationToken cancellationToken)
    {
        var found = Only($"plan '{plan.Name}'", stored, p => p.Name == plan.Name, p => p.Id);
        if (found is not null && found.Currency != plan.Currency)
            throw new CatalogConflictException($"The plan '{plan.Name}' ({found.Id}) is in {found.Currency} at Paygentic, where it can not be changed. Give the plan another Name.");

        var priceIds = new List<string>();
        foreach (var price in plan.Prices)
        {
            if (await ApplyAsync(plan, price, found, stored, cancellationToken) is { } priceId) priceIds.Add(priceId);
        }

        if (plan.UpfrontFee is { } fee && await ApplyAsync(plan, fee, found, cancellationToken) is { } feePriceId) priceIds.Add(feePriceId);

        var theirs = found?.Prices.Select(p => p.Id).ToList() ?? [];
        var missing = priceIds.Except(theirs, StringComparer.Ordinal).ToList();
        var details = Differences(("description", found?.Description ?? plan.Description, plan.Description)).Concat(missing.Select(id => $"with {id}")).ToList();
        var planId = await StepAsync(
            $"plan {plan.Key}", found?.Id, details,
            () => store.CreateAsync(plan, _productId!, priceIds, cancellationToken),
            known => store.UpdateAsync(known, plan, [.. theirs, .. missing], cancellationToken));
        if (planId is not null) _planIds[plan.Key] = planId;
    }

    private async Task<string?> ApplyAsync(
        CatalogPlan plan, CatalogPrice price, StoredPlan? found, IReadOnlyList<StoredPlan> stored, CancellationToken cancellationToken)
    {
        StoredPrice? existing = null;
        if (_metricIds.TryGetValue(price.Metric, out var metricId))
            existing = found?.Prices.FirstOrDefault(p => p.BillableMetricId == metricId) ?? await OrphanAsync(metricId, stored, cancellationToken);
        var wanted = new NewPrice(metricId, FeeId: null, price.Metric, plan.PaymentTerm, price.UnitPrice);
        return await ApplyAsync($"price of {price.Metric} in plan {plan.Key}", existing, wanted, cancellationToken);
    }

    /// <summary>A price that no plan has: made by a run that broke off before it had made the plan.</summary>
    private async Task<StoredPrice?> OrphanAsync(string metricId, IReadOnlyList<StoredPlan> stored, CancellationToken cancellationToken)
    {
        var taken = stored.SelectMany(p => p.Prices).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        return (await store.PricesAsync(metricId, cancellationToken)).FirstOrDefault(p => !taken.Contains(p.Id) && !_inUse.Contains(p.Id));
    }

    private async Task<string?> ApplyAsync(CatalogPlan plan, UpfrontFee fee, StoredPlan? found, CancellationToken cancellationToken)
    {
        var fees = _productId is null ? [] : await store.FeesAsync(_productId, cancellationToken);
        var feeId = Only($"fee '{fee.Name}'", fees, f => f.Name == fee.Name, f => f.Id)?.Id;
        var existing = feeId is null ? null : found?.Prices.FirstOrDefault(p => p.FeeId == feeId);
        feeId = await StepAsync(
            $"fee '{fee.Name}'", feeId, [], () => store.CreateAsync(fee, _productId!, cancellationToken), _ => Task.CompletedTask);
        return await ApplyAsync(
            $"price of fee '{fee.Name}' in plan {plan.Key}", existing, new NewPrice(BillableMetricId: null, feeId, fee.Name, PaymentTerm.InAdvance, fee.Amount), cancellationToken);
    }

    private async Task<string?> ApplyAsync(string what, StoredPrice? existing, NewPrice wanted, CancellationToken cancellationToken)
    {
        if (existing is { UnitPrice: null }) throw new CatalogConflictException($"The {what} ({existing.Id}) is not a standard price at Paygentic. Take it out of the plan there.");
        var id = await StepAsync(
            what, existing?.Id,
            Differences(
                ("unitPrice", Text(existing?.UnitPrice), Text(wanted.UnitPrice)), ("paymentTerm", existing?.PaymentTerm?.ToString(), wanted.PaymentTerm.ToString())),
            () => store.CreateAsync(wanted, cancellationToken), known => store.UpdateAsync(known, wanted, cancellationToken));
        if (id is not null) _inUse.Add(id);
        return id;
    }

    /// <returns>The id; null in a dry run of what is not there.</returns>
    private async Task<string?> StepAsync(string what, string? id, List<string> differences, Func<Task<string>> create, Func<string, Task> update)
    {
        if (id is null)
        {
            if (!isDryRun) id = await create();
            _changes.Add(new CatalogChange(ChangeKind.Create, what, id, []));
        }
        else
        {
            if (differences.Count > 0 && !isDryRun) await update(id);
            _changes.Add(new CatalogChange(differences.Count > 0 ? ChangeKind.Update : ChangeKind.None, what, id, differences));
        }

        return id;
    }

    private static T? Only<T>(string what, IReadOnlyList<T> stored, Func<T, bool> isIt, Func<T, string> id)
        where T : class
    {
        var found = stored.Where(isIt).ToList();
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw new CatalogConflictException($"Paygentic has more than one {what}: {string.Join(", ", found.Select(id))}. Rename all but one there.");
    }

    private static List<string> Differences(params IEnumerable<(string Field, string? Is, string? Wanted)> fields) =>
        [.. fields.Where(f => f.Is != f.Wanted).Select(f => $"{f.Field} {f.Is ?? "(none)"} → {f.Wanted ?? "(none)"}")];

    private static string? Text(decimal? amount) => amount?.ToString("0.#########", CultureInfo.InvariantCulture);
}
