using System.Text.Json.Nodes;
using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Subscriptions;

internal static class SubscriptionJson
{
    public static JsonObject ToJson(this Subscription subscription, string merchantId, Uri address) => new()
    {
        ["id"] = subscription.Id,
        ["object"] = "subscription",
        ["merchantId"] = merchantId,
        ["customerId"] = subscription.CustomerId,
        ["planId"] = subscription.PlanId,
        ["name"] = subscription.Name,
        ["status"] = subscription.Status switch
        {
            SubscriptionStatus.PendingPayment => "pending_payment",
            SubscriptionStatus.Active => "active",
            _ => "terminated",
        },
        ["startedAt"] = Text(subscription.StartedAt),
        ["createdAt"] = Text(subscription.CreatedAt),
        ["updatedAt"] = Text(subscription.TerminatedAt ?? subscription.CreatedAt),
        ["paymentTermDays"] = 0,
        ["autoCharge"] = false,
        ["taxExempt"] = false,
        ["endingAt"] = null,
        ["payment"] = subscription.Checkout is { } checkout ? Payment(checkout, address) : null,
        ["terminatedAt"] = subscription.TerminatedAt is { } at ? Text(at) : null,
        ["terminatedBy"] = subscription.TerminatedAt is null ? null : "merchant",
        ["terminationReason"] = subscription.TerminationReason,
        ["testClockId"] = null,
        ["metadata"] = subscription.Metadata?.DeepClone(),
    };

    private static JsonObject Payment(CheckoutSession checkout, Uri address) => new()
    {
        ["status"] = "pending",
        ["amount"] = Amount.ToDollars(checkout.UpfrontCharges + checkout.WalletCharge),
        ["breakdown"] = new JsonObject
        {
            ["upfrontCharges"] = Amount.ToDollars(checkout.UpfrontCharges),
            ["walletCharge"] = Amount.ToDollars(checkout.WalletCharge),
        },
        ["checkoutUrl"] = new Uri(address, $"/checkout/{checkout.Id}").ToString(),
        ["paymentSessionId"] = checkout.Id,
        ["invoiceId"] = null,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O");
}
