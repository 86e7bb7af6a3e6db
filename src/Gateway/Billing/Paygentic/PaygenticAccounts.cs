using System.Globalization;
using Gateway.Model;

namespace Gateway.Billing.Paygentic;

/// <summary>Customers, subscriptions and portal links: the same calls in both generations of Paygentic.</summary>
internal sealed class PaygenticAccounts(PaygenticClient client, PaygenticOptions options, TimeProvider clock) : ICustomerAccounts
{
    private const string PortalLifetime = "PT1H";

    // Paygentic's own default, said so that it is known.
    private const int CheckoutMinutes = 240;

    /// <summary>By it an ended subscription is known as one that another has taken the place of: never to be changed.</summary>
    private const string OverdueReason = "Not paid for in time; replaced at the next sign-up.";

    /// <summary>For a payment that was begun in time.</summary>
    private static readonly TimeSpan CheckoutMargin = TimeSpan.FromMinutes(15);

    public async Task<CustomerId> EnsureCustomerAsync(NewCustomer customer, CancellationToken cancellationToken)
    {
        // 201 or 200: the same e-mail address is the same customer.
        var answer = await client.PostAsync(
            "v0/customers",
            new CustomerRequest(options.MerchantId, new ConsumerRequest(customer.Name, customer.Email, customer.Address), customer.ExternalId),
            AccountJson.Default.CustomerRequest, AccountJson.Default.CustomerAnswer, cancellationToken);
        return answer.Read("customer").CustomerId is { Length: > 0 } id ? new CustomerId(id) : throw Unreadable("customer");
    }

    public async Task<Subscription> CreateSubscriptionAsync(CustomerId customer, NewSubscription wanted, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(
            "v0/subscriptions",
            new SubscriptionRequest(
                wanted.Name, wanted.PlanId, customer.Value, Text(clock.GetUtcNow()), wanted.PrefundAmount,
                wanted.OnSuccess is null ? null : new RedirectUrls(wanted.OnSuccess), CheckoutMinutes, new SubscriptionMetadata(CheckoutMinutes)),
            AccountJson.Default.SubscriptionRequest, AccountJson.Default.SubscriptionAnswer, cancellationToken);
        return ToSubscription(answer.Read("subscription"), Now(answer));
    }

    public async Task EndOverdueAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(
            $"v0/subscriptions/{Uri.EscapeDataString(id)}/termination", new TerminationRequest(OverdueReason),
            AccountJson.Default.TerminationRequest, AccountJson.Default.SubscriptionAnswer, cancellationToken);
        if (!ToSubscription(answer.Read("subscription"), Now(answer)).WasOverdue) throw Unreadable("subscription");
    }

    public async Task<Subscription> SubscriptionAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await client.GetAsync($"v0/subscriptions/{Uri.EscapeDataString(id)}", AccountJson.Default.SubscriptionAnswer, cancellationToken);
        return ToSubscription(answer.Read("subscription"), Now(answer));
    }

    public async Task<IReadOnlyList<Subscription>> SubscriptionsAsync(CustomerId customer, CancellationToken cancellationToken)
    {
        var found = await client.ListAsync(
            $"v0/subscriptions?customerId={Uri.EscapeDataString(customer.Value)}", s => s.Id, AccountJson.Default.Subscriptions, "list of subscriptions", cancellationToken);

        // One of somebody else's would be shown to this customer; one of no plan would not be found, and made again.
        if (found.Exists(s => s.Entry.PlanId is null || (s.Entry.CustomerId ?? customer.Value) != customer.Value)) throw Unreadable("list of subscriptions");

        found.Reverse(); // no document says in which order they come
        return [.. found.OrderByDescending(s => s.Entry.CreatedAt).Select(s => ToSubscription(s.Entry, s.At ?? clock.GetUtcNow()))];
    }

    public async Task<PortalLink> PortalAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(
            $"v0/subscriptions/{Uri.EscapeDataString(subscriptionId)}/portal", new PortalRequest(PortalLifetime),
            AccountJson.Default.PortalRequest, AccountJson.Default.PortalAnswer, cancellationToken);
        return answer.Read("portal link") is { Url: { } url, ExpiresAt: { } end } ? new PortalLink(url, end) : throw Unreadable("portal link");
    }

    public async Task<IReadOnlyList<BilledCharge>> ChargesAsync(
        CustomerId customer, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"v0/usage?customerId={Uri.EscapeDataString(customer.Value)}&merchantId={Uri.EscapeDataString(options.MerchantId)}&startTime={Text(from)}&endTime={Text(to)}&limit={limit}");
        var list = (await client.GetAsync(query, AccountJson.Default.UsageList, cancellationToken)).Read("list of usage");
        return
        [
            .. from item in (list.Data ?? []).OfType<UsageItem>()
               from property in (item.Properties ?? []).OfType<UsageProperty>()
               orderby item.Timestamp descending
               select new BilledCharge(
                   item.IdempotencyKey ?? "", item.Timestamp ?? default, property.BillableMetricId ?? "", property.Quantity ?? 0, item.Billing?.Price),
        ];
    }

    private static Subscription ToSubscription(SubscriptionAnswer answer, DateTimeOffset now)
    {
        var status = answer.Status switch
        {
            // The top-level status alone counts: the payment's own can be missing.
            "active" => SubscriptionStatus.Active,
            "pending_payment" => SubscriptionStatus.PendingPayment,
            "terminated" => SubscriptionStatus.Terminated,
            _ => throw Unreadable("subscription"),
        };
        return new Subscription(answer.Id ?? throw Unreadable("subscription"), answer.PlanId ?? "", status, answer.Payment?.CheckoutUrl)
        {
            IsOverdue = status == SubscriptionStatus.PendingPayment && answer is { CreatedAt: { } created, Metadata.GatewayCheckoutMinutes: { } minutes }
                && now - created >= TimeSpan.FromMinutes((double)minutes) + CheckoutMargin,
            WasOverdue = status == SubscriptionStatus.Terminated && answer.TerminationReason == OverdueReason,
        };
    }

    /// <summary>By Paygentic's clock, as the times are that it is compared with.</summary>
    private DateTimeOffset Now<T>(PaygenticAnswer<T> answer)
        where T : class => answer.ServerTime ?? clock.GetUtcNow();

    private static BillingException Unreadable(string what) => new($"Paygentic gave a {what} that can not be read.", isRefusal: false);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
