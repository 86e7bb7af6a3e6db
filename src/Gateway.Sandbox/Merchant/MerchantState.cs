using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Sandbox.Catalogue;
using Gateway.Sandbox.Customers;
using Gateway.Sandbox.Entitlements;
using Gateway.Sandbox.Money;
using Gateway.Sandbox.Subscriptions;
using Gateway.Sandbox.Usage;

namespace Gateway.Sandbox.Merchant;

/// <summary>Everything the sandbox knows, of its one merchant. A reset replaces it as a whole.</summary>
internal sealed class MerchantState
{
    private long _ids;

    public MerchantState(SandboxOptions options, TimeProvider clock)
    {
        (Options, Clock) = (options, clock);
        Resources = new ResourceStore(clock, NewId);
        Usage = new UsageLog(options.KeepEvents);
        Plant(options.Seed);
    }

    public SandboxOptions Options { get; }

    public TimeProvider Clock { get; }

    public ResourceStore Resources { get; }

    public UsageLog Usage { get; }

    public ConcurrentDictionary<string, Metric> Metrics { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, Customer> Customers { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, Subscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Whose each entitlement is; the entitlement itself is with its customer, under the customer's lock.</summary>
    public ConcurrentDictionary<string, Customer> EntitlementOwners { get; } = new(StringComparer.Ordinal);

    public PortalTokens PortalTokens { get; } = new();

    /// <summary>API calls by method and path pattern.</summary>
    public ConcurrentDictionary<string, long> Calls { get; } = new(StringComparer.Ordinal);

    public string NewId(string prefix) => Id(prefix, NewNumber());

    public long NewNumber() => Interlocked.Increment(ref _ids);

    public static string Id(string prefix, long number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{number:x8}");

    public Entitlement? FindEntitlement(string id, out Customer? owner) =>
        EntitlementOwners.TryGetValue(Normal(id), out owner) ? owner.Entitlements.GetValueOrDefault(Normal(id)) : null;

    /// <summary>Paygentic answers <c>ent_…</c> and asks for <c>com_…</c>: both name the same entitlement.</summary>
    public static string Normal(string id) => id.StartsWith("com_", StringComparison.Ordinal) ? "ent_" + id[4..] : id;

    /// <summary>A customer with an active subscription to the seed's plan.</summary>
    public Customer AddCustomer(SeedCustomer seed)
    {
        var customer = new Customer(seed.Id, NewId("org"), seed.Name, seed.Email, externalId: null, Clock.GetUtcNow());
        customer.Wallet.Deposit(Amount.Parse(seed.Wallet));
        if (!Customers.TryAdd(seed.Id, customer)) throw new InvalidOperationException($"There is a customer {seed.Id} already.");
        var subscription = new Subscription(NewId("sub"), seed.Id, Options.Seed.PlanId, Options.Seed.Plan, Clock.GetUtcNow(), Clock.GetUtcNow()) { Status = SubscriptionStatus.Active };
        Subscriptions[subscription.Id] = subscription;
        return customer;
    }

    public bool IsSubscribed(string customerId) =>
        Subscriptions.Any(s => s.Value.CustomerId == customerId && s.Value.Status == SubscriptionStatus.Active);

    /// <summary>What a plan's fees that are due in advance add up to.</summary>
    public long UpfrontCharges(string planId) => (Resources.Find(planId)?["prices"]?.AsArray() ?? [])
        .Select(id => Resources.Find(id!.GetValue<string>()))
        .Where(price => price?["feeId"] is not null && price["paymentTerm"]?.GetValue<string>() == "in_advance")
        .Sum(price => Amount.Parse(price!["properties"]!["unitPrice"]!.GetValue<string>()));

    private void Plant(SandboxSeed seed)
    {
        var product = Resources.Add("prod", new() { ["name"] = seed.Product, ["description"] = seed.Product, ["merchantId"] = Options.MerchantId });
        var prices = new JsonArray();
        foreach (var metric in seed.Metrics)
        {
            Metrics[metric.Id] = new Metric(metric.Id, metric.Name, metric.Unit, Amount.Parse(metric.UnitPrice));
            Resources.Add("bm", new()
            {
                ["name"] = metric.Name,
                ["description"] = metric.Name,
                ["unit"] = metric.Unit,
                ["merchantId"] = Options.MerchantId,
                ["aggregation"] = "SUM",
                ["productId"] = product,
            }, metric.Id);
            prices.Add(Resources.Add("price", new()
            {
                ["invoiceDisplayName"] = metric.Name,
                ["paymentTerm"] = "instant",
                ["model"] = "standard",
                ["billableMetricId"] = metric.Id,
                ["properties"] = new JsonObject { ["unitPrice"] = metric.UnitPrice },
            }));
        }

        Resources.Add("plan", new()
        {
            ["name"] = seed.Plan,
            ["currency"] = "USD",
            ["merchantId"] = Options.MerchantId,
            ["productId"] = product,
            ["billingVersion"] = 0,
            ["prices"] = prices,
        }, seed.PlanId);
        foreach (var customer in seed.Customers) AddCustomer(customer);
    }
}
