using Gateway.Billing;
using Gateway.FunctionalTests.Keys;
using Gateway.FunctionalTests.Kit;
using Gateway.Keys;
using Gateway.Onboarding;
using Gateway.Reservations;
using Microsoft.Extensions.Logging;

namespace Gateway.FunctionalTests.Onboarding;

public sealed class PaymentWatchTests
{
    [Fact]
    public async Task That_paygentic_can_not_be_asked_is_said_once_until_it_can_be_asked_again()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var (accounts, log) = (new FakeAccounts(), new Messages());
        using var watch = Watch(bench, node, accounts, log);
        for (var i = 0; i < 3; i++) await WaitAsync(node, $"sub_{i}");

        accounts.Before = _ => throw new BillingException("It is away.", isRefusal: false);
        await PassAsync(3);
        Assert.Equal(9, accounts.Asked.Count);
        Assert.Single(log.Texts);

        accounts.Before = _ => Task.CompletedTask;
        await PassAsync(1);
        accounts.Before = _ => throw new BillingException("It is away again.", isRefusal: false);
        await PassAsync(2);
        Assert.Equal(2, log.Texts.Count);

        async Task PassAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                bench.Clock.Advance(TimeSpan.FromSeconds(1));
                await watch.AskAsync(TestContext.Current.CancellationToken);
            }
        }
    }

    private static PaymentWatch Watch(KeyBench bench, KeyNode node, FakeAccounts accounts, Messages? log = null) =>
        new(node.Store, node.Keys, accounts, new WatchTurn(node.Redis, NodeIdentity.Passing()), bench.Clock, log ?? new Messages());

    /// <summary>A key that waits for a subscription.</summary>
    private static Task<IssuedKey> WaitAsync(KeyNode node, string subscription) =>
        node.Keys.CreateAsync(KeyBench.Wanted() with { PendingSubscription = subscription }, idempotencyKey: null);

    private sealed class Messages : ILogger<PaymentWatch>
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Texts) Texts.Add(formatter(state, exception));
        }
    }
}
