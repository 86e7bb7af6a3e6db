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
    private const int MostInPass = 500;
    private static readonly TimeSpan Pass = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private bool _isAway;
    private bool _isUntold;

    /// <summary>Asks about the keys that wait for these subscriptions now. Throws <see cref="BillingException"/> when Paygentic can not be asked.</summary>
    public async Task AskNowAsync(IReadOnlyCollection<string> subscriptions, CancellationToken cancellationToken)
    {
        if (subscriptions.Count == 0) return;
        await EachAsync(await store.WaitingAsync(subscriptions), async (key, token) =>
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
        _ => LongestPause, // the checkout is over: those who never paid must not add up to a load
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
        var now = Clock.GetUtcNow();
        var due = await store.DueAsync(now, 2 * LongestPause, MostInPass);
        BillingException? failure = null;
        await EachAsync(due, async (key, token) =>
        {
            var isOver = false;
            try
            {
                isOver = await AskAsync(key, token);
            }
            catch (BillingException e)
            {
                failure = e;
            }

            // One that can not be read has waited since ever.
            await store.PutOffAsync(key, isOver ? null : now + PauseAfter(now - (key.Record?.PendingSince ?? key.Record?.CreatedAt ?? default)));
        }, cancellationToken);
        if (due.Count == 0) return;
        if (failure is not null && !_isUntold) Log.NotTold(logger, failure.Message);
        _isUntold = failure is not null;
    }

    /// <returns>Whether there is nothing more to ask: a subscription that has ended is not begun again, and if it were, a webhook would say so.</returns>
    private async Task<bool> AskAsync(DueKey key, CancellationToken cancellationToken)
    {
        if (key.Record?.WaitsFor is not { } waited) return key.Record is not null || key.Seen.IsNull;
        var subscription = await accounts.SubscriptionAsync(waited, cancellationToken);
        if (subscription.Status == SubscriptionStatus.Active)
        {
            await keys.ActivateAsync(key.Id, subscription.Id);
            Log.Live(logger, key.Id, subscription.Id);
        }

        return subscription.Status == SubscriptionStatus.Terminated;
    }

    private static Task EachAsync(IEnumerable<DueKey> keys, Func<DueKey, CancellationToken, Task> ask, CancellationToken cancellationToken) => Parallel.ForEachAsync(
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
