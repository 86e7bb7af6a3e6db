using System.Net;
using Gateway.Authentication;
using Gateway.Billing;
using Gateway.Configuration;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Onboarding;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.SelfService;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.FunctionalTests.Onboarding;

public sealed class SelfServiceTests
{
    private static readonly CustomerId Customer = new(World.Customer);
    private static readonly TimeSpan AlmostTwoSeconds = TimeSpan.FromSeconds(1.9);

    [Fact]
    public async Task The_page_says_where_paygentic_is_and_not_who_the_gateway_is_to_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var paygentic = world.Sandbox.BaseAddress!;
        await using var gateway = await world.StartGatewayAsync(root =>
            root["Gateway"]!["Paygentic"]!["BaseUrl"] = new UriBuilder(paygentic) { UserName = "somebody", Password = "pa55word" }.ToString());

        using var page = await gateway.Client.GetAsync(new Uri("/billing", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.EndsWith($" frame-src https: http://127.0.0.1:{paygentic.Port}", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_often_customers_look_at_their_usage_paygentic_is_asked_once_in_two_seconds()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        var (accounts, clock) = (new FakeAccounts(), new FakeTimeProvider());
        var usage = UsageOf(gateway, accounts, clock);

        await AssertOneQuestionAsync(accounts, clock, "charges", () => usage.GetAsync(new ApiKey { Hash = default, Customer = Customer }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task However_often_a_customer_without_a_subscription_wants_a_portal_paygentic_is_asked_once_in_two_seconds()
    {
        var (accounts, clock) = (new FakeAccounts(), new FakeTimeProvider());
        using var portal = new PortalLinks(accounts, clock);

        await AssertOneQuestionAsync(accounts, clock, "subscriptions", () => portal.GetAsync(Customer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_many_who_want_one_customers_portal_at_once_one_asks_for_it_and_it_is_good_until_it_ends()
    {
        var (accounts, clock) = (new FakeAccounts { Subscriptions = [new Subscription("sub_1", "plan_1", SubscriptionStatus.Active, null)] }, new FakeTimeProvider());
        using var portal = new PortalLinks(accounts, clock);

        var links = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => portal.GetAsync(Customer, TestContext.Current.CancellationToken)));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await portal.GetAsync(Customer, TestContext.Current.CancellationToken));

        Assert.All(links, Assert.NotNull);
        Assert.Equal(["subscriptions", "portal"], accounts.Asked);
    }

    [Fact]
    public async Task One_who_goes_away_ends_the_question_for_nobody_else()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        var answer = new TaskCompletionSource();
        var accounts = new FakeAccounts { Before = _ => answer.Task };
        var usage = UsageOf(gateway, accounts, new FakeTimeProvider());
        var key = new ApiKey { Hash = default, Customer = Customer };
        using var away = new CancellationTokenSource();

        var (gone, there) = (usage.GetAsync(key, away.Token), usage.GetAsync(key, TestContext.Current.CancellationToken));
        await away.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        answer.SetResult();

        Assert.Equal(World.Customer, (await there).Customer);
    }

    private static CustomerUsage UsageOf(RunningGateway gateway, FakeAccounts accounts, TimeProvider clock) => new(
        gateway.Services.GetRequiredService<CurrentConfiguration>(), gateway.Services.GetRequiredService<AccountTable>(),
        gateway.Services.GetRequiredService<IEntitlementPool>(), accounts, clock);

    /// <summary>Many at once, many soon after; and the same when the answer is a failure.</summary>
    private static async Task AssertOneQuestionAsync<T>(FakeAccounts accounts, FakeTimeProvider clock, string question, Func<Task<T>> ask)
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ask()));
        clock.Advance(AlmostTwoSeconds);
        await ask();
        Assert.Equal([question], accounts.Asked);

        clock.Advance(TimeSpan.FromSeconds(1));
        accounts.Before = _ => throw new BillingException("It is away.", isRefusal: false);
        var failures = Enumerable.Range(0, 20).Select(_ => ask()).ToList();
        foreach (var failure in failures) await Assert.ThrowsAsync<BillingException>(() => failure);
        clock.Advance(AlmostTwoSeconds);
        await Assert.ThrowsAsync<BillingException>(ask);
        Assert.Equal([question, question], accounts.Asked);

        clock.Advance(TimeSpan.FromSeconds(1));
        accounts.Before = _ => Task.CompletedTask;
        await ask();
        Assert.Equal(3, accounts.Asked.Count);
    }
}
