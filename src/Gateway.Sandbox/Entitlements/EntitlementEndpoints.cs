using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Entitlements;

internal static class EntitlementEndpoints
{
    private const int MaxUses = 1000;

    public static void MapEntitlements(this IEndpointRouteBuilder endpoints, Func<MerchantState> state)
    {
        endpoints.MapPost("/v0/entitlements", (RequestDelegate)(context => CreateAsync(context, state())));
        endpoints.MapGet("/v0/entitlements/activeEntitlements", (RequestDelegate)(context => ListActiveAsync(context, state())));
    }

    private static async Task CreateAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var merchant = fields.Text("merchantId");
        var customerId = fields.Text("customerId");
        var maxUses = (int)fields.OptionalInteger("maxUses", 1, 1, MaxUses);
        var units = ReadUnits(fields);
        var (created, refused) = fields.Error is { } error ? (null, error)
            : merchant != state.Options.MerchantId ? (null, ApiError.Forbidden("The merchant is not yours."))
            : Reserve(state, customerId, units, maxUses);
        if (refused is not null)
        {
            await refused.WriteAsync(context);
            return;
        }

        context.Response.StatusCode = 201;
        await context.Response.WriteAsJsonAsync(ToJson(created!, customerId, merchant));
    }

    private static List<EntitledUnits> ReadUnits(Fields fields)
    {
        var units = new List<EntitledUnits>();
        var list = fields.List("entitlementData");
        if (list.Count == 0) fields.Wrong("entitlementData", "must have at least one item");
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i] as JsonObject;
            var id = item?["billableMetricId"]?.GetValueKind() == JsonValueKind.String ? item["billableMetricId"]!.GetValue<string>() : null;
            if (id is null) fields.Wrong($"entitlementData[{i}].billableMetricId", "is required");
            if (item?["quantity"] is not JsonValue quantity || !quantity.TryGetValue<long>(out var whole) || whole < 0)
                fields.Wrong($"entitlementData[{i}].quantity", "must be an integer of at least 0");
            else if (id is not null) units.Add(new EntitledUnits(id, whole));
        }

        return units;
    }

    private static (Entitlement? Created, ApiError? Refused) Reserve(
        MerchantState state, string customerId, List<EntitledUnits> units, int maxUses)
    {
        if (!state.Customers.TryGetValue(customerId, out var customer)) return (null, ApiError.NotFound($"Customer {customerId}"));
        if (!state.IsSubscribed(customerId)) return (null, ApiError.Forbidden("The customer has no active subscription.", "NO_ACTIVE_SUBSCRIPTION"));
        var cost = 0L;
        foreach (var (metricId, quantity) in units)
        {
            if (!state.Metrics.TryGetValue(metricId, out var metric)) return (null, ApiError.NotFound($"Billable metric {metricId}"));
            if (metric.UnitPrice is not { } price) return (null, ApiError.BadRequest("NO_PRICE", $"Billable metric {metricId} has no price."));
            cost += Amount.Times(price, quantity);
        }

        lock (customer.Lock)
        {
            var now = state.Clock.GetUtcNow();
            customer.ReleaseExpired(now);
            if (!customer.Wallet.TryReserve(cost)) return (null, ApiError.NoFunds("The wallet does not cover the entitlement."));
            var entitlement = new Entitlement(state.NewId("ent"), units, maxUses, cost, now, now + state.Options.EntitlementLifetime);
            customer.Entitlements[entitlement.Id] = entitlement;
            state.EntitlementOwners[entitlement.Id] = customer;
            return (entitlement, null);
        }
    }

    private static JsonObject ToJson(Entitlement entitlement, string customerId, string merchantId) => new()
    {
        ["id"] = entitlement.Id,
        ["object"] = "entitlement",
        ["merchantId"] = merchantId,
        ["customerId"] = customerId,
        ["billableMetrics"] = new JsonArray([.. entitlement.Units.Select(u => new JsonObject
        {
            ["billableMetricId"] = u.BillableMetricId, ["quantity"] = u.Quantity, ["price"] = null,
        })]),
        ["createdAt"] = entitlement.CreatedAt.UtcDateTime.ToString("O"),
        ["expiresAt"] = entitlement.ExpiresAt.UtcDateTime.ToString("O"),
        ["maxUses"] = entitlement.MaxUses,
        ["region"] = "global",
        ["remainingBalance"] = Amount.ToAtomicText(entitlement.Remaining),
        ["usedCount"] = entitlement.UsedCount,
    };

    /// <summary>By its fields this tells what subscriptions entitle a customer to, not how one reservation stands.</summary>
    private static Task ListActiveAsync(HttpContext context, MerchantState state)
    {
        string? customerId = context.Request.Query["customerId"];
        if (customerId is null) return ApiError.Invalid("customerId", "is required").WriteAsync(context);
        var data = state.Subscriptions.Values.Where(s => s.CustomerId == customerId && s.Status == Subscriptions.SubscriptionStatus.Active)
            .Select(s => (JsonNode)new JsonObject
            {
                ["id"] = "ent_" + s.Id,
                ["object"] = "activeEntitlement",
                ["billableMetrics"] = new JsonArray([.. state.Metrics.Keys.Select(m => (JsonNode)m)]),
                ["customerId"] = customerId,
                ["planId"] = s.PlanId,
                ["productId"] = state.Resources.Find(s.PlanId)?["productId"]?.DeepClone(),
                ["subscriptionId"] = s.Id,
                ["verifiedAt"] = state.Clock.GetUtcNow().UtcDateTime.ToString("O"),
            }).ToArray();
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(data),
            ["pagination"] = new JsonObject { ["limit"] = data.Length, ["offset"] = 0, ["total"] = data.Length },
        });
    }
}
