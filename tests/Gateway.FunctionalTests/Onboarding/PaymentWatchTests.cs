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

    [Fact]
    public async Task A_key_whose_subscription_has_ended_is_asked_about_again_only_when_a_webhook_names_it()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var accounts = new FakeAccounts { Status = SubscriptionStatus.Terminated };
        using var watch = Watch(bench, node, accounts);
        var made = await WaitAsync(node, "sub_1");

        await watch.AskAsync(TestContext.Current.CancellationToken);
        await node.Keys.AnsweredAsync(made, isDelivered: true);
        bench.Clock.Advance(TimeSpan.FromDays(2));
        await watch.AskAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["sub_1"], accounts.Asked);

        accounts.Status = SubscriptionStatus.Active;
        await watch.AskNowAsync(["sub_0", "sub_1"], TestContext.Current.CancellationToken);
        Assert.Null((await node.Keys.FindAsync(made.Record.Id))!.PendingSubscription);
    }

    [Fact]
    public async Task A_key_that_a_clock_which_was_ahead_has_put_off_is_asked_about_all_the_same()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var accounts = new FakeAccounts { Status = SubscriptionStatus.PendingPayment };
        using var watch = Watch(bench, node, accounts);
        await WaitAsync(node, "sub_1");
        var now = bench.Clock.GetUtcNow();

        bench.Clock.Advance(TimeSpan.FromDays(365));
        await watch.AskAsync(TestContext.Current.CancellationToken);
        bench.Clock.AdjustTime(now);
        await watch.AskAsync(TestContext.Current.CancellationToken);
        await watch.AskAsync(TestContext.Current.CancellationToken); // put off as ever

        Assert.Equal(2, accounts.Asked.Count);
    }

    [Fact]
    public async Task A_key_that_is_given_another_subscription_while_the_one_before_ends_is_asked_about()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var accounts = new FakeAccounts { Status = SubscriptionStatus.Terminated };
        using var watch = Watch(bench, node, accounts);
        var wanted = KeyBench.Wanted() with { PendingSubscription = "sub_1" };
        var made = await node.Keys.CreateAsync(wanted, "signup:sub_1", whateverItsTerms: true);
        await node.Keys.AnsweredAsync(made, isDelivered: true);
        accounts.Before = _ => node.Keys.CreateAsync(wanted with { PendingSubscription = "sub_2" }, "signup:sub_1", whateverItsTerms: true);

        await watch.AskAsync(TestContext.Current.CancellationToken);
        (accounts.Before, accounts.Status) = (_ => Task.CompletedTask, SubscriptionStatus.Active);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await watch.AskAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["sub_1", "sub_2"], accounts.Asked);
        Assert.Null((await node.Keys.FindAsync(made.Record.Id))!.PendingSubscription);
    }

    [Fact]
    public async Task Only_keys_that_are_due_are_read_and_some_hundred_in_a_pass()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var accounts = new FakeAccounts();
        using var watch = Watch(bench, node, accounts);
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => WaitAsync(node, $"sub_{i}")));

        await watch.AskAsync(TestContext.Current.CancellationToken);
        Assert.Equal(500, accounts.Asked.Count);
        await watch.AskAsync(TestContext.Current.CancellationToken);
        Assert.Equal(600, accounts.Asked.Distinct().Count());

        var redis = (await node.Redis.DatabaseAsync()).Multiplexer;
        var before = redis.OperationCount;
        await watch.AskAsync(TestContext.Current.CancellationToken);
        await watch.AskNowAsync(["sub_7"], TestContext.Current.CancellationToken);
        Assert.InRange(redis.OperationCount - before, 1, 50);
        Assert.Equal((601, "sub_7"), (accounts.Asked.Count, accounts.Asked.Last()));
    }

    [Fact]
    public async Task Keys_that_an_earlier_version_left_waiting_are_asked_about_and_found_by_webhooks()
    {
        await using var bench = await KeyBench.StartAsync(RedisKind.Server);
        var node = await bench.AddNodeAsync();
        var accounts = new FakeAccounts();
        using var watch = Watch(bench, node, accounts);
        var made = await WaitAsync(node, "sub_1");
        var database = await node.Redis.DatabaseAsync();
        await database.KeyDeleteAsync(["gateway:{keys}:due", "gateway:{keys}:waiting"]);
        await database.SetAddAsync("gateway:{keys}:pending", made.Record.Id);

        await watch.AskAsync(TestContext.Current.CancellationToken);
        await watch.AskNowAsync(["sub_1"], TestContext.Current.CancellationToken);

        Assert.Equal(["sub_1", "sub_1"], accounts.Asked);
        Assert.False(await database.KeyExistsAsync("gateway:{keys}:pending"));
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
