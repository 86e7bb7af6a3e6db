using System.Globalization;
using Gateway.Sandbox.Customers;
using Gateway.Sandbox.Entitlements;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Usage;

/// <summary>Prices one event and moves the money: once per idempotency key, all or nothing.</summary>
internal sealed class UsageRecorder(MerchantState state)
{
    public (UsageEvent? Accepted, ApiError? Refused) Record(UsageRequest request)
    {
        var result = Check(request) is { } invalid ? (null, invalid) : Charge(request);
        if (result.Item2 is not null) state.Usage.CountRefusal();
        return result;
    }

    private ApiError? Check(UsageRequest request)
    {
        List<FieldError>? errors = null;
        void Wrong(string name, string what, string code) => (errors ??= []).Add(new FieldError(name, what, code));
        void Require(string name, string? value)
        {
            if (string.IsNullOrEmpty(value)) Wrong(name, "is required", "required");
        }

        Require("idempotencyKey", request.IdempotencyKey);
        Require("customerId", request.CustomerId);
        Require("merchantId", request.MerchantId);
        if (!DateTimeOffset.TryParse(request.Timestamp, CultureInfo.InvariantCulture, out _)) Wrong("timestamp", "must be an ISO 8601 time", "invalid");
        if (request.Properties is null or { Count: 0 }) Wrong("properties", "is required", "required");
        for (var i = 0; i < (request.Properties?.Count ?? 0); i++)
        {
            var property = request.Properties![i];
            if (string.IsNullOrEmpty(property?.BillableMetricId)) Wrong($"properties[{i}].billableMetricId", "is required", "required");
            if (property is not { Quantity: >= 1 }) Wrong($"properties[{i}].quantity", "must be an integer of at least 1", "invalid");
        }

        if (errors is not null) return ApiError.Invalid(errors);
        return request.MerchantId == state.Options.MerchantId ? null : ApiError.Forbidden("The merchant is not yours.");
    }

    private (UsageEvent? Accepted, ApiError? Refused) Charge(UsageRequest request)
    {
        if (!state.Customers.TryGetValue(request.CustomerId!, out var customer)) return (null, ApiError.NotFound($"Customer {request.CustomerId}"));
        var usage = ToEvent(request, customer);
        lock (customer.Lock)
        {
            if (state.Usage.Repeat(usage.IdempotencyKey, usage) is { } before) return (before, null);
            var now = state.Clock.GetUtcNow();
            customer.ReleaseExpired(now);
            if (Price(usage, out var cost) is { } unpriced) return (null, unpriced);
            var refused = request.EntitlementId is { } id ? ChargeEntitlement(customer, id, usage, cost) : ChargeWallet(customer, cost);
            if (refused is not null) return (null, refused);
            Count(customer, usage);
            return (state.Usage.Add(usage, state.NewNumber(), now.UtcDateTime, cost), null);
        }
    }

    private ApiError? Price(UsageEvent usage, out long cost)
    {
        cost = 0;
        foreach (var property in usage.Properties)
        {
            if (!state.Metrics.TryGetValue(property.BillableMetricId, out var metric)) return ApiError.NotFound($"Billable metric {property.BillableMetricId}");
            if (metric.UnitPrice is not { } price) return ApiError.BadRequest("NO_PRICE", $"Billable metric {metric.Id} has no price.");
            cost += Amount.Times(price, property.Quantity);
        }

        return null;
    }

    private ApiError? ChargeEntitlement(Customer customer, string id, UsageEvent usage, long cost)
    {
        if (state.FindEntitlement(id, out var owner) is not { } entitlement) return ApiError.NotFound($"Entitlement {id}");
        if (!ReferenceEquals(owner, customer)) return ApiError.Forbidden("The entitlement is another customer's.");
        if (usage.Properties.Any(p => entitlement.Units.All(u => u.BillableMetricId != p.BillableMetricId)))
            return ApiError.BadRequest("METRIC_NOT_ENTITLED", "The entitlement is not for this metric.");
        if (entitlement.ExpiresAt <= state.Clock.GetUtcNow()) return ApiError.BadRequest("ENTITLEMENT_EXPIRED", $"Entitlement {id} has expired.");
        return entitlement.Status switch
        {
            EntitlementStatus.Used when state.Options.StrictUses => ApiError.BadRequest("ENTITLEMENT_USED", $"Entitlement {id} has no use left."),
            EntitlementStatus.Used => ChargeWallet(customer, cost),
            _ => entitlement.TryUse(customer.Wallet, cost, usage.Properties.Sum(p => p.Quantity))
                ? null
                : ApiError.NoFunds("The entitlement and the wallet do not cover the event."),
        };
    }

    private ApiError? ChargeWallet(Customer customer, long cost)
    {
        if (!state.IsSubscribed(customer.Id)) return ApiError.Forbidden("The customer has no active subscription.", "NO_ACTIVE_SUBSCRIPTION");
        return customer.Wallet.TryCharge(0, cost) ? null : ApiError.NoFunds("The wallet does not cover the event.");
    }

    private void Count(Customer customer, UsageEvent usage)
    {
        foreach (var property in usage.Properties)
        {
            if (!customer.Totals.TryGetValue(property.BillableMetricId, out var total)) customer.Totals[property.BillableMetricId] = total = new MetricTotal();
            total.Events++;
            total.Quantity += property.Quantity;
            total.Charged += Amount.Times(state.Metrics[property.BillableMetricId].UnitPrice!.Value, property.Quantity);
            if (usage.EntitlementId is null) total.WithoutEntitlement += property.Quantity;
            else total.FromEntitlements += property.Quantity;
        }
    }

    /// <summary>Without what it gets when it is accepted: id, time and bill.</summary>
    private UsageEvent ToEvent(UsageRequest request, Customer customer) => new(
        "", "usageEvent", "sub_" + customer.Id, customer.Id, customer.ConsumerId, state.Options.MerchantId, null, request.EntitlementId,
        [.. request.Properties!.Select(p => new UsageEventProperty(p!.BillableMetricId!, p.Quantity, p.Price))],
        request.Timestamp!, "", request.IdempotencyKey!, request.Metadata, null, null);
}
