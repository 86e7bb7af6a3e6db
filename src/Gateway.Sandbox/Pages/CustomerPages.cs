using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Money;
using Gateway.Sandbox.Subscriptions;

namespace Gateway.Sandbox.Pages;

/// <summary>What a paying customer sees: the checkout and the portal.</summary>
internal static class CustomerPages
{
    public static void MapPages(this IEndpointRouteBuilder endpoints, Func<MerchantState> state)
    {
        endpoints.MapGet("/", (RequestDelegate)(context => StatusPage.WriteAsync(context, state())));
        endpoints.MapGet("/checkout/{session}", (RequestDelegate)(context => CheckoutAsync(context, state())));
        endpoints.MapPost("/checkout/{session}", (RequestDelegate)(context => PayAsync(context, state())));
        endpoints.MapGet("/portal/{token}", (RequestDelegate)(context => PortalAsync(context, state())));
    }

    private static Task CheckoutAsync(HttpContext context, MerchantState state)
    {
        if (Find(context, state)?.CheckoutAt(state.Clock.GetUtcNow()) is not { } checkout) return GoneAsync(context, "This payment session is over");
        return context.WritePageAsync("Checkout", $"""
            <p class="big">${Amount.ToDollars(checkout.UpfrontCharges + checkout.WalletCharge)}</p>
            <p class="muted">No money moves: this is a sandbox.</p>
            <form method="post"><button>Pay</button></form>
            """);
    }

    private static Task PayAsync(HttpContext context, MerchantState state)
    {
        if (Find(context, state) is not { } subscription || Pay(subscription, state) is not { } paid) return GoneAsync(context, "This payment session is over");
        if (paid.OnSuccess is { } target)
        {
            context.Response.Redirect(target);
            return Task.CompletedTask;
        }

        return context.WritePageAsync("Paid", "<p>Thank you.</p><script>if (parent !== window) parent.postMessage('payment_success', '*')</script>");
    }

    private static CheckoutSession? Pay(Subscription subscription, MerchantState state)
    {
        lock (subscription.Lock)
        {
            if (subscription.CheckoutAt(state.Clock.GetUtcNow()) is not { } checkout) return null;
            var customer = state.Customers[subscription.CustomerId];
            lock (customer.Lock) customer.Wallet.Deposit(checkout.WalletCharge);
            subscription.Checkout = null;
            subscription.Status = SubscriptionStatus.Active;
            return checkout;
        }
    }

    private static Task PortalAsync(HttpContext context, MerchantState state)
    {
        var token = (string)context.Request.RouteValues["token"]!;
        if (state.PortalTokens.CustomerOf(token, state.Clock.GetUtcNow()) is not { } id || !state.Customers.TryGetValue(id, out var customer))
            return GoneAsync(context, "This link has expired");
        return context.WritePageAsync(
            $"Usage of {customer.Name}",
            $"<p class=\"big\">${Amount.ToDollars(customer.Wallet.Free)}</p><p class=\"muted\">free to spend</p>" + StatusPage.Use(customer, state));
    }

    private static Subscription? Find(HttpContext context, MerchantState state)
    {
        var session = (string)context.Request.RouteValues["session"]!;
        return state.Subscriptions.Values.FirstOrDefault(s => s.Checkout?.Id == session);
    }

    private static Task GoneAsync(HttpContext context, string title)
    {
        context.Response.StatusCode = 410;
        return context.WritePageAsync(title, "");
    }
}
