using System.Globalization;
using Gateway.Sandbox.Customers;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Pages;

/// <summary>The ledger for people: wallets, use, the last events.</summary>
internal static class StatusPage
{
    private const int LastEvents = 20;

    public static Task WriteAsync(HttpContext context, MerchantState state)
    {
        var customers = state.Customers.Values.OrderBy(c => c.Id, StringComparer.Ordinal).Select(c => Wallet(c, state.Clock.GetUtcNow()));
        var events = state.Usage.Newest(_ => true).TakeLast(LastEvents).Reverse().Select(e => new[]
        {
            e.Timestamp, e.CustomerId, string.Join(", ", e.Properties.Select(p => $"{p.Quantity} × {p.BillableMetricId}")), e.EntitlementId ?? "none",
            "$" + Amount.ToDollars(e.Billing!.TotalAmount),
        });
        return context.WritePageAsync(
            "Paygentic sandbox",
            Html.Table(["Customer", "Deposited", "Charged", "Reserved", "Free"], customers)
            + "<h2>Use</h2>" + string.Concat(state.Customers.Values.Select(c => Use(c, state)))
            + $"<h2>Last usage events</h2><p class=\"muted\">{state.Usage.Accepted} accepted, {state.Usage.Duplicates} repeats, {state.Usage.Refused} refused</p>"
            + Html.Table(["When", "Customer", "What", "Entitlement", "Charged"], events),
            refreshSeconds: 2);
    }

    public static string Use(Customer customer, MerchantState state)
    {
        lock (customer.Lock)
        {
            return Html.Table([customer.Name, "Events", "Quantity", "Charged"], customer.Totals.Select(t => new[]
            {
                state.Metrics[t.Key].Name, Number(t.Value.Events), $"{Number(t.Value.Quantity)} {state.Metrics[t.Key].Unit}", "$" + Amount.ToDollars(t.Value.Charged),
            }));
        }
    }

    private static string[] Wallet(Customer customer, DateTimeOffset now)
    {
        lock (customer.Lock)
        {
            customer.ReleaseExpired(now);
            var wallet = customer.Wallet;
            return [customer.Id, .. new[] { wallet.Deposited, wallet.Charged, wallet.Reserved, wallet.Free }.Select(a => "$" + Amount.ToDollars(a))];
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
