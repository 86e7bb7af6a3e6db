using System.Collections.Concurrent;
using Gateway.Billing;
using Gateway.Model;

namespace Gateway.FunctionalTests.Onboarding;

/// <summary>Paygentic as a test says it is, and what it was asked.</summary>
internal sealed class FakeAccounts : ICustomerAccounts
{
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>What becomes of a question, before it is answered.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public SubscriptionStatus Status { get; set; } = SubscriptionStatus.PendingPayment;

    public IReadOnlyList<Subscription> Subscriptions { get; set; } = [];

    public async Task<Subscription> SubscriptionAsync(string id, CancellationToken cancellationToken)
    {
        await AskAsync(id);
        return new Subscription(id, "plan_1", Status, null);
    }

    public async Task<IReadOnlyList<Subscription>> SubscriptionsAsync(CustomerId customer, CancellationToken cancellationToken)
    {
        await AskAsync("subscriptions");
        return Subscriptions;
    }

    public async Task<IReadOnlyList<BilledCharge>> ChargesAsync(CustomerId customer, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        await AskAsync("charges");
        return [];
    }

    public async Task<PortalLink> PortalAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        await AskAsync("portal");
        return new PortalLink("https://portal.example/1", DateTimeOffset.MaxValue);
    }

    public Task<CustomerId> EnsureCustomerAsync(NewCustomer customer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Subscription> CreateSubscriptionAsync(CustomerId customer, NewSubscription wanted, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task EndOverdueAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    private Task AskAsync(string question)
    {
        Asked.Enqueue(question);
        return Before(question);
    }
}
