using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Keys;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Onboarding;

public sealed class SignUpTests
{
    [Fact]
    public async Task From_sign_up_to_the_first_paid_request_the_key_waits_for_the_payment_and_works_within_two_seconds_of_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (status, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(status == 201, made.ToJsonString());
        var key = made["key"]!["key"]!.GetValue<string>();
        var checkout = made["checkoutUrl"]!.GetValue<string>();
        Assert.Equal(("pending", "pending_payment"), (made["key"]!["status"]!.GetValue<string>(), made["subscription"]!["status"]!.GetValue<string>()));

        using var client = Clients.For(gateway.Address, key);
        using (var early = await client.SubmitAsync("console.log(1)"))
        {
            var problem = await Problem.AssertAsync(early, HttpStatusCode.PaymentRequired, "payment-pending");
            Assert.Equal(checkout, problem["paymentUrl"]!.GetValue<string>());
        }

        var usage = (await client.GetFromJsonAsync<JsonNode>("/billing/usage", TestContext.Current.CancellationToken))!;
        Assert.Equal(("pending", checkout), (usage["status"]!.GetValue<string>(), usage["paymentUrl"]!.GetValue<string>()));

        using (var paid = await world.Sandbox.PostAsync(new Uri(checkout), null, TestContext.Current.CancellationToken)) Assert.True(paid.IsSuccessStatusCode);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await client.SubmitAsync("console.log(1)");
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                Assert.Equal("basic-submissions=1", answer.Headers.GetValues("Usage-Quantity").Single());
                Assert.Matches("^basic-submissions=[0-9]+$", answer.Headers.GetValues("Usage-Remaining").Single());
                Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), answer.Headers.GetValues("Usage-Receipt").Single());
                break;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(4), "the key is not live"); // 2 s, on a machine that has time
            await new Deadline(TimeSpan.FromSeconds(1)).TickAsync();
        }

        var customer = made["customerId"]!.GetValue<string>();
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while ((await world.LedgerAsync(customer)).Quantity("bm_basic") < 1) Assert.True(await deadline.TickAsync());
        while ((usage = await client.GetFromJsonAsync<JsonNode>("/billing/usage", TestContext.Current.CancellationToken))!["charges"]!.AsArray().Count == 0)
            Assert.True(await deadline.TickAsync());
        var charge = usage["charges"]![0]!;
        Assert.Equal(("basic-submissions", 1, 0.001m), (charge["metric"]!.GetValue<string>(), charge["quantity"]!.GetValue<int>(), charge["dollars"]!.GetValue<decimal>()));

        var portal = (await client.GetFromJsonAsync<JsonNode>("/billing/portal", TestContext.Current.CancellationToken))!["url"]!.GetValue<string>();
        Assert.Contains("Usage of Ada", await world.Sandbox.GetStringAsync(new Uri(portal), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var again = (await client.GetFromJsonAsync<JsonNode>("/billing/portal", TestContext.Current.CancellationToken))!["url"]!.GetValue<string>();
        Assert.Equal(portal, again); // trap 31: never one per view
    }

    [Theory]
    [InlineData("POST /v0/customers", "dropBeforeCommit")]
    [InlineData("POST /v0/customers", "dropAfterCommit")]
    [InlineData("GET /v0/subscriptions", "dropBeforeCommit")]
    [InlineData("POST /v0/subscriptions", "dropBeforeCommit")]
    [InlineData("POST /v0/subscriptions", "dropAfterCommit")]
    [InlineData("POST /v0/subscriptions", "malformed")]
    public async Task A_sign_up_that_breaks_off_at_any_step_and_is_sent_again_makes_one_customer_one_subscription_and_one_key(string operation, string kind)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        await world.FaultAsync(new { operation, kind, count = 1 });

        var (first, problem) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(first == 502, problem.ToJsonString());
        var (status, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(status == 201, made.ToJsonString());
        var (third, again) = await admin.PostAsync("/customers", AdminClient.Customer());

        Assert.Equal((200, null), (third, again["key"]!["key"]));
        Assert.Equal(made["customerId"]!.GetValue<string>(), again["customerId"]!.GetValue<string>());
        Assert.Equal(made["key"]!["id"]!.GetValue<string>(), again["key"]!["id"]!.GetValue<string>());
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
        Assert.Single((await admin.GetAsync($"/customers/{made["customerId"]}/subscriptions")).Body.AsArray());
    }

    [Fact]
    public async Task Killed_in_the_middle_of_sign_ups_and_sent_again_there_is_one_of_everything()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        var path = world.WriteConfiguration(root => root["Gateway"]!["Admin"]!["Url"] = $"http://127.0.0.1:{RedisServer.FreePort()}");
        var adminUrl = new Uri(JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!["Gateway"]!["Admin"]!["Url"]!.GetValue<string>());
        for (var i = 0; i < 3; i++)
        {
            await world.FaultAsync(new { operation = i == 0 ? "POST /v0/customers" : i == 1 ? "POST /v0/subscriptions" : "GET /v0/subscriptions", kind = "latency", milliseconds = 500, count = 1 });
            await using var gateway = await GatewayProcess.StartAsync(path);
            using var dying = new AdminClient(adminUrl);
            var sent = dying.PostAsync("/customers", AdminClient.Customer());
            await Task.WhenAny(sent, Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, TestContext.Current.CancellationToken));
            await gateway.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => sent);
        }

        await using var last = await GatewayProcess.StartAsync(path);
        using var admin = new AdminClient(adminUrl);
        var (status, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(status == 201, made.ToJsonString());
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
        Assert.Single((await admin.GetAsync($"/customers/{made["customerId"]}/subscriptions")).Body.AsArray());
    }

    [Fact]
    public async Task What_is_wrong_is_named_by_its_field_and_nothing_is_made()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (status, problem) = await admin.PostAsync(
            "/customers", new { name = "", email = "nobody", address = new { country = "Great Britain" }, externalId = "a b", plan = "gold" });

        Assert.Equal(400, status);
        Assert.Equal(["address.country", "email", "externalId", "name", "plan"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
        var (unknown, told) = await admin.PostAsync("/customers", new { nam = "Ada" });
        Assert.Equal(400, unknown);
        Assert.Contains("nam", told["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty((await admin.GetAsync("/keys")).Body.AsArray());
    }

    [Fact]
    public async Task Another_customer_with_the_same_external_id_is_refused_in_paygentics_words()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        Assert.Equal(201, (await admin.PostAsync("/customers", AdminClient.Customer("ada@example.com", "user-1"))).Status);

        var (status, problem) = await admin.PostAsync("/customers", AdminClient.Customer("bob@example.com", "user-1"));

        Assert.Equal(422, status);
        Assert.Contains("user-1", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
