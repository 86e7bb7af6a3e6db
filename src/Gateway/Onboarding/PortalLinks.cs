using System.Threading.RateLimiting;
using BitFaster.Caching.Lru;
using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Onboarding;

/// <summary>Links to customers' pages, each kept until shortly before it ends: Paygentic makes one a second, for all customers together.</summary>
internal sealed class PortalLinks : IDisposable
{
    private const int Most = 10_000;
    private const int MostWaiting = 5;
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    private readonly ICustomerAccounts _accounts;
    private readonly TimeProvider _clock;
    private readonly CustomerQuestion<PortalLink?> _question;
    private readonly ConcurrentLru<CustomerId, PortalLink> _links = new(concurrencyLevel: 1, Most, EqualityComparer<CustomerId>.Default);
    private readonly RateLimiter _turns = new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions
    {
        PermitLimit = 1,
        Window = TimeSpan.FromMilliseconds(1_050), // a little more than theirs, which is not counted from the same moment
        QueueLimit = MostWaiting,
    });

    public PortalLinks(ICustomerAccounts accounts, TimeProvider clock) =>
        (_accounts, _clock, _question) = (accounts, clock, new CustomerQuestion<PortalLink?>(AskAsync, clock));

    /// <summary>Null: the customer has no subscription. Throws <see cref="BillingException"/>, with a time to wait when too many ask.</summary>
    public async Task<PortalLink?> GetAsync(CustomerId customer, CancellationToken cancellationToken) =>
        _links.TryGet(customer, out var link) && link.ExpiresAt - Margin > _clock.GetUtcNow() ? link : await _question.AskAsync(customer, cancellationToken);

    public void Dispose() => _turns.Dispose();

    private async Task<PortalLink?> AskAsync(CustomerId customer)
    {
        var subscriptions = await _accounts.SubscriptionsAsync(customer, CancellationToken.None);
        if (subscriptions.Count == 0) return null;
        var subscription = subscriptions.FirstOrDefault(s => s.Status == SubscriptionStatus.Active) ?? subscriptions[0];
        using var turn = await _turns.AcquireAsync();
        if (!turn.IsAcquired) throw new BillingException("Too many portal links are asked for at once.", isRefusal: false, TimeSpan.FromSeconds(MostWaiting));
        var link = await _accounts.PortalAsync(subscription.Id, CancellationToken.None);
        _links.AddOrUpdate(customer, link);
        return link;
    }
}
