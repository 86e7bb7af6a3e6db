using System.Text.Json.Nodes;

namespace Gateway.Sandbox.Tests;

public sealed class SubscriptionTests
{
    private const string Jane =
        """{"merchantId":"org_sandbox","externalId":"ext-1","consumer":{"name":"Jane","email":"jane@example.com"}}""";

    [Fact]
    public async Task A_customer_is_created_once_per_email_address()
    {
        await using var bench = await Bench.StartAsync();
        var first = await bench.PostAsync("/v0/customers", Jane);
        var second = await bench.PostAsync("/v0/customers", Jane);
        Assert.Equal((201, 200), (first.Status, second.Status));
        Assert.Equal(first.Body.ToJsonString(), second.Body.ToJsonString());
        var list = JsonNode.Parse((await bench.GetAsync("/v0/customers?organizationId=org_sandbox&externalId=ext-1")).Text)!;
        Assert.Equal(1, list["pagination"]!["total"]!.GetValue<int>());
        Assert.Equal(200, (await bench.GetAsync($"/v0/customers/{first.Body["customerId"]}")).Status);
    }

    [Fact]
    public async Task An_external_id_belongs_to_one_customer()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/v0/customers", Jane);
        var other = Jane.Replace("jane@", "joe@", StringComparison.Ordinal);
        Assert.Equal(409, (await bench.PostAsync("/v0/customers", other)).Status);
    }

    [Fact]
    public async Task Without_a_subscription_nothing_can_be_reserved_or_used()
    {
        await using var bench = await Bench.StartAsync();
        var customer = await CustomerAsync(bench);
        Assert.Equal("NO_ACTIVE_SUBSCRIPTION", (await bench.ReserveAsync(1, customer: customer)).Body["code"]!.GetValue<string>());
        Assert.Equal(403, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", customer: customer))).Status);
    }

    [Fact]
    public async Task Paying_the_checkout_funds_the_wallet_once_and_activates()
    {
        await using var bench = await Bench.StartAsync();
        var customer = await CustomerAsync(bench);
        var (status, body) = await bench.PostAsync("/v0/subscriptions", Subscribe(customer, ",\"prefundAmount\":\"2.50\""));
        Assert.Equal((201, "pending_payment"), (status, body["status"]!.GetValue<string>()));
        Assert.Equal("2.50", body["payment"]!["breakdown"]!["walletCharge"]!.GetValue<string>());
        var checkout = new Uri(body["payment"]!["checkoutUrl"]!.GetValue<string>());
        Assert.Contains("Pay", (await bench.GetAsync(checkout.AbsolutePath)).Text, StringComparison.Ordinal);
        using var paid = await bench.Client.PostAsync(checkout, null, TestContext.Current.CancellationToken);
        Assert.Contains("payment_success", await paid.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var again = await bench.Client.PostAsync(checkout, null, TestContext.Current.CancellationToken);
        Assert.Equal(410, (int)again.StatusCode);

        var row = JsonNode.Parse((await bench.GetAsync($"/sandbox/ledger?customerId={customer}")).Text)!["customers"]![0]!;
        Assert.Equal("2500000000", row["free"]!.GetValue<string>());
        Assert.Equal(201, (await bench.ReserveAsync(1, customer: customer)).Status);
    }

    [Fact]
    public async Task A_subscription_is_created_once_and_terminated_once()
    {
        await using var bench = await Bench.StartAsync();
        var json = Subscribe(await CustomerAsync(bench));
        var first = await bench.PostAsync("/v0/subscriptions", json);
        var second = await bench.PostAsync("/v0/subscriptions", json);
        Assert.Equal((201, 200), (first.Status, second.Status));
        Assert.Equal("active", second.Body["status"]!.GetValue<string>());
        var path = $"/v0/subscriptions/{first.Body["id"]}/termination";
        Assert.Equal("terminated", (await bench.PostAsync(path, """{"reason":"over"}""")).Body["status"]!.GetValue<string>());
        Assert.Equal(409, (await bench.PostAsync(path, """{"reason":"over"}""")).Status);
    }

    [Theory]
    [InlineData("", 240)] // as Paygentic documents
    [InlineData(",\"sessionExpiryMinutes\":30", 30)]
    public async Task A_checkout_can_be_paid_until_its_session_is_over_and_the_subscription_stays_as_it_is(string more, int minutes)
    {
        await using var bench = await Bench.StartAsync();
        var json = Subscribe(await CustomerAsync(bench), ",\"prefundAmount\":\"2.50\",\"metadata\":{\"mine\":7}" + more);
        var (_, body) = await bench.PostAsync("/v0/subscriptions", json);
        var checkout = new Uri(body["payment"]!["checkoutUrl"]!.GetValue<string>());
        Assert.Equal((bench.Clock.GetUtcNow(), 7), (body["createdAt"]!.GetValue<DateTimeOffset>(), body["metadata"]!["mine"]!.GetValue<int>()));

        bench.Clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await bench.GetAsync(checkout.AbsolutePath)).Status);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(410, (await bench.GetAsync(checkout.AbsolutePath)).Status);
        using var late = await bench.Client.PostAsync(checkout, null, TestContext.Current.CancellationToken);
        Assert.Equal(410, (int)late.StatusCode);
        var again = JsonNode.Parse((await bench.GetAsync($"/v0/subscriptions/{body["id"]}")).Text)!;
        Assert.Equal(("pending_payment", checkout.ToString()), (again["status"]!.GetValue<string>(), again["payment"]!["checkoutUrl"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_terminated_subscription_can_not_be_paid_for()
    {
        await using var bench = await Bench.StartAsync();
        var (_, body) = await bench.PostAsync("/v0/subscriptions", Subscribe(await CustomerAsync(bench), ",\"prefundAmount\":\"2.50\""));
        await bench.PostAsync($"/v0/subscriptions/{body["id"]}/termination", """{"reason":"over"}""");

        using var paid = await bench.Client.PostAsync(new Uri(body["payment"]!["checkoutUrl"]!.GetValue<string>()), null, TestContext.Current.CancellationToken);

        Assert.Equal(410, (int)paid.StatusCode);
    }

    [Fact]
    public async Task A_portal_link_shows_the_balance_until_it_expires_and_is_limited_to_one_a_second()
    {
        await using var bench = await Bench.StartAsync();
        var subscription = await bench.PostAsync("/v0/subscriptions", Subscribe("cus_demo"));
        var path = $"/v0/subscriptions/{subscription.Body["id"]}/portal";
        var (status, body) = await bench.PostAsync(path, """{"expiresIn":"PT1M"}""");
        Assert.Equal((200, "subscriptionPortal"), (status, body["object"]!.GetValue<string>()));
        Assert.Equal(429, (await bench.PostAsync(path, "")).Status);
        var portal = new Uri(body["url"]!.GetValue<string>()).AbsolutePath;
        Assert.Contains("$0.10", (await bench.GetAsync(portal)).Text, StringComparison.Ordinal);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(410, (await bench.GetAsync(portal)).Status);
        Assert.Equal(400, (await bench.PostAsync(path, """{"expiresIn":"P8D"}""")).Status);
        Assert.Equal(200, (await bench.PostAsync(path, "")).Status);
    }

    private static async Task<string> CustomerAsync(Bench bench) =>
        (await bench.PostAsync("/v0/customers", Jane)).Body["customerId"]!.GetValue<string>();

    private static string Subscribe(string customer, string more = "") =>
        $$"""{"name":"Plan","planId":"plan_sandbox","startedAt":"2026-01-01T00:00:00Z","customerId":"{{customer}}"{{more}}}""";
}
