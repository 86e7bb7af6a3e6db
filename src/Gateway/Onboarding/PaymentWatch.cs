using Gateway.Billing;
using Gateway.Keys;
using StackExchange.Redis;

namespace Gateway.Onboarding;

/// <summary>
/// Turns keys live once their subscription is paid for. It asks Paygentic, soon at first and ever less often; a webhook only makes it ask at once, so a
/// forged one could do no harm.
/// </summary>
internal sealed partial class PaymentWatch(
    KeyStore store, KeyService keys, ICustomerAccounts accounts, WatchTurn turn, TimeProvider clock, ILogger<PaymentWatch> logger)
    : PeriodicService(Pass, clock, logger)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Pass = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _asked = new(StringComparer.Ordinal);
    private bool _isAway;
    private bool _isUntold;

    /// <summary>Asks about the keys that wait for these subscriptions now. Throws <see cref="BillingException"/> when Paygentic can not be asked.</summary>
    public async Task AskNowAsync(IReadOnlyCollection<string> subscriptions, CancellationToken cancellationToken)
    {
        if (subscriptions.Count == 0) return;
        var waiting = await store.PendingAsync();
        await EachAsync(waiting.Where(k => subscriptions.Contains(k.PendingSubscription!)), async (key, token) =>
        {
            try
            {
                await AskAsync(key, token);
            }
            catch (BillingException e) when (e.IsRefusal)
            {
                // It would be refused again.
            }
        }, cancellationToken);
    }

    /// <summary>How long to wait between two questions about a key that has waited for so long.</summary>
    public static TimeSpan PauseAfter(TimeSpan waited) => waited switch
    {
        { TotalMinutes: < 15 } => Pass,
        { TotalHours: < 5 } => TimeSpan.FromSeconds(15),
        { TotalDays: < 1 } => TimeSpan.FromMinutes(5),
        _ => TimeSpan.FromHours(1), // the checkout is over: those who never paid must not add up to a load
    };

    protected override Task PassAsync(CancellationToken stoppingToken) => AskAsync(stoppingToken);

    /// <summary>One pass.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await turn.IsOursAsync()) await AskDueAsync(cancellationToken);
            _isAway = false;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (!_isAway) Log.Away(logger, e.GetType().Name);
            _isAway = true;
        }
    }

    private async Task AskDueAsync(CancellationToken cancellationToken)
    {
        var (now, timestamp) = (Clock.GetUtcNow(), Clock.GetTimestamp());
        var waiting = await store.PendingAsync();
        var due = waiting.Where(k => !_asked.TryGetValue(k.Id, out var asked) || Clock.GetElapsedTime(asked, timestamp) >= PauseAfter(now - (k.PendingSince ?? k.CreatedAt))).ToList();
        foreach (var gone in _asked.Keys.Except(waiting.Select(k => k.Id)).ToList()) _asked.Remove(gone);
        BillingException? failure = null;
        await EachAsync(due, async (key, token) =>
        {
            try
            {
                await AskAsync(key, token);
            }
            catch (BillingException e)
            {
                failure = e;
            }
        }, cancellationToken);
        foreach (var key in due) _asked[key.Id] = timestamp; // not where it failed: one cancels the others, and all are still due
        if (due.Count == 0) return;
        if (failure is not null && !_isUntold) Log.NotTold(logger, failure.Message);
        _isUntold = failure is not null;
    }

    private async Task AskAsync(KeyRecord key, CancellationToken cancellationToken)
    {
        var subscription = await accounts.SubscriptionAsync(key.PendingSubscription!, cancellationToken);
        if (subscription.Status != SubscriptionStatus.Active) return;
        await keys.ActivateAsync(key.Id, subscription.Id);
        Log.Live(logger, key.Id, subscription.Id);
    }

    private static Task EachAsync<T>(IEnumerable<T> keys, Func<T, CancellationToken, Task> ask, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        keys, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (key, token) => await ask(key, token));

    private static partial class Log
    {
        [LoggerMessage(520, LogLevel.Information, "Key {Id} is live: subscription {Subscription} is paid for.")]
        public static partial void Live(ILogger logger, string id, string subscription);

        [LoggerMessage(521, LogLevel.Warning, "It is not known yet of all keys that wait for a payment whether it was made: {Reason} Paygentic is asked again; this is said once.")]
        public static partial void NotTold(ILogger logger, string reason);

        [LoggerMessage(522, LogLevel.Warning, "Keys that wait for a payment can not be read from Redis ({Reason}); it is tried again every second.")]
        public static partial void Away(ILogger logger, string reason);
    }
}
