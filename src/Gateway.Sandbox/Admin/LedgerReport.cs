using System.Text.Json.Nodes;
using Gateway.Sandbox.Customers;
using Gateway.Sandbox.Entitlements;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Admin;

/// <summary>Where every customer's money is. Amounts are whole atomic units, as text, a thousand million to the dollar.</summary>
internal static class LedgerReport
{
    public static JsonObject Of(MerchantState state, string? customerId)
    {
        var customers = state.Customers.Values.Where(c => customerId is null || c.Id == customerId).OrderBy(c => c.Id, StringComparer.Ordinal);
        return new JsonObject
        {
            ["customers"] = new JsonArray([.. customers.Select(c => Of(state, c))]),
            ["duplicates"] = state.Usage.Duplicates,
            ["conflictingDuplicates"] = state.Usage.ConflictingDuplicates,
            ["refusedEvents"] = state.Usage.Refused,
            ["calls"] = new JsonObject(state.Calls.OrderBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => KeyValuePair.Create<string, JsonNode?>(c.Key, c.Value))),
        };
    }

    private static JsonObject Of(MerchantState state, Customer customer)
    {
        lock (customer.Lock)
        {
            customer.ReleaseExpired(state.Clock.GetUtcNow());
            customer.Wallet.Check();
            if (customer.Wallet.Reserved != customer.Entitlements.Values.Sum(e => e.Remaining))
                throw new InvalidOperationException($"What {customer.Id} has reserved is not what its entitlements hold.");
            return new JsonObject
            {
                ["customerId"] = customer.Id,
                ["currency"] = "USD",
                ["deposited"] = Amount.ToAtomicText(customer.Wallet.Deposited),
                ["charged"] = Amount.ToAtomicText(customer.Wallet.Charged),
                ["reserved"] = Amount.ToAtomicText(customer.Wallet.Reserved),
                ["free"] = Amount.ToAtomicText(customer.Wallet.Free),
                ["metrics"] = new JsonArray([.. customer.Totals.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Metric(state, t.Key, t.Value))]),
                ["entitlements"] = new JsonArray([.. customer.Entitlements.Values.Select(Entitlement)]),
            };
        }
    }

    private static JsonObject Metric(MerchantState state, string id, Usage.MetricTotal total)
    {
        var metric = state.Metrics[id];
        return new JsonObject
        {
            ["billableMetricId"] = id,
            ["name"] = metric.Name,
            ["unit"] = metric.Unit,
            ["unitPrice"] = metric.UnitPrice is { } price ? Amount.ToAtomicText(price) : null,
            ["events"] = total.Events,
            ["quantity"] = total.Quantity,
            ["charged"] = Amount.ToAtomicText(total.Charged),
            ["fromEntitlements"] = total.FromEntitlements,
            ["withoutEntitlement"] = total.WithoutEntitlement,
        };
    }

    private static JsonObject Entitlement(Entitlement entitlement) => new()
    {
        ["id"] = entitlement.Id,
        ["billableMetricId"] = entitlement.Units[0].BillableMetricId,
        ["quantity"] = entitlement.Units.Sum(u => u.Quantity),
        ["maxUses"] = entitlement.MaxUses,
        ["usedCount"] = entitlement.UsedCount,
        ["unitsUsed"] = entitlement.UnitsUsed,
        ["remainingBalance"] = Amount.ToAtomicText(entitlement.Remaining),
        ["expiresAt"] = entitlement.ExpiresAt.UtcDateTime.ToString("O"),
        ["status"] = entitlement.Status switch
        {
            EntitlementStatus.Active => "active",
            EntitlementStatus.Used => "used",
            _ => "expired",
        },
    };
}
