using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Keys;
using Gateway.FunctionalTests.Kit;
using Gateway.Onboarding;
using Gateway.Reservations.Pool;
using Gateway.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

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
    [InlineData("POST /v0/customers", "dropBeforeCommit", true)]
    [InlineData("POST /v0/customers", "dropAfterCommit", true)]
    [InlineData("GET /v0/subscriptions", "dropBeforeCommit", false)]
    [InlineData("POST /v0/subscriptions", "dropBeforeCommit", true)]
    [InlineData("POST /v0/subscriptions", "dropAfterCommit", true)]
    [InlineData("POST /v0/subscriptions", "malformed", false)]
    [InlineData("POST /v0/subscriptions", "status", false)]
    public async Task A_sign_up_that_breaks_off_at_any_step_and_is_sent_again_makes_one_customer_one_subscription_and_one_key(string operation, string kind, bool mayBeUnderWay)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, MakesTwo);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        await world.FaultAsync(new { operation, kind, count = 1 });

        var (first, problem) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(first == 502, problem.ToJsonString());
        if (mayBeUnderWay)
        {
            Assert.Equal(409, (await admin.PostAsync("/customers", AdminClient.Customer())).Status);
            await RunOutAsync(await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync());
        }

        var (status, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(status == 201, made.ToJsonString());
        await AssertMadeOnceAsync(admin, made, await ComeAgainAsync(admin));
    }

    [Fact]
    public async Task Killed_in_the_middle_of_sign_ups_and_sent_again_there_is_one_of_everything()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        var path = world.WriteConfiguration(root => root["Gateway"]!["Admin"]!["Url"] = $"http://127.0.0.1:{Ports.Free()}");
        var adminUrl = new Uri(JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!["Gateway"]!["Admin"]!["Url"]!.GetValue<string>());
        using var redis = await ConnectionMultiplexer.ConnectAsync(world.RedisAddress);
        for (var i = 0; i < 3; i++)
        {
            if (i > 0) await RunOutAsync(redis.GetDatabase());
            await world.FaultAsync(new { operation = i == 0 ? "POST /v0/customers" : i == 1 ? "POST /v0/subscriptions" : "GET /v0/subscriptions", kind = "hold" });
            await using var gateway = await GatewayProcess.StartAsync(path);
            using var dying = new AdminClient(adminUrl);
            var sent = dying.PostAsync("/customers", AdminClient.Customer());
            await HeldAsync(world, 1, sent);
            await gateway.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => sent);
        }

        await world.FaultAsync();
        await using var last = await GatewayProcess.StartAsync(path);
        using var admin = new AdminClient(adminUrl);
        var (status, made) = await ComeAgainAsync(admin);
        Assert.True(status == 201, made.ToJsonString());
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
        Assert.Single((await admin.GetAsync($"/customers/{made["customerId"]}/subscriptions")).Body.AsArray());
    }

    [Theory]
    [InlineData(RedisKind.Embedded)]
    [InlineData(RedisKind.Server)]
    public async Task Of_two_sign_ups_at_once_one_makes_everything_and_the_other_is_told_to_come_again(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis, MakesTwo);
        await using var gateway = await world.StartGatewayAsync();
        await using var other = redis == RedisKind.Server ? await StartOtherAsync(world) : null;
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        using var second = new AdminClient((other ?? gateway).Admin.BaseAddress!);
        await world.FaultAsync(new { operation = "POST /v0/subscriptions", kind = "hold" });

        // Both are under way before either has made anything, unless the second is sent away.
        var running = admin.PostAsync("/customers", AdminClient.Customer());
        await HeldAsync(world, 1, running);
        var overlapping = second.Http.PostAsJsonAsync("/customers", AdminClient.Customer("ADA@example.com"), TestContext.Current.CancellationToken);
        await HeldAsync(world, 2, overlapping);
        await world.FaultAsync();

        var (status, made) = await running;
        Assert.True(status == 201, made.ToJsonString());
        using var sentAway = await overlapping;
        Assert.Equal((HttpStatusCode.Conflict, TimeSpan.FromSeconds(1)), (sentAway.StatusCode, sentAway.Headers.RetryAfter?.Delta));
        await AssertMadeOnceAsync(admin, made, await ComeAgainAsync(second));
    }

    [Theory]
    [InlineData(RedisKind.Embedded)]
    [InlineData(RedisKind.Server)]
    public async Task What_is_committed_after_the_gateway_has_given_it_up_is_found_and_not_made_again(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis, MakesTwo);
        await using var gateway = await world.StartGatewayAsync(root => root["Gateway"]!["Paygentic"]!["TimeoutSeconds"] = 3);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        await world.FaultAsync(new { operation = "POST /v0/subscriptions", kind = "hold" });
        Assert.Equal(502, (await admin.PostAsync("/customers", AdminClient.Customer())).Status);

        var early = admin.PostAsync("/customers", AdminClient.Customer());
        await HeldAsync(world, 2, early);
        await world.FaultAsync();
        Assert.Equal(409, (await early).Status);

        var (status, made) = await ComeAgainAsync(admin);
        Assert.True(status == 201, made.ToJsonString());
        Assert.Equal(1, (await world.CallsAsync())["POST /v0/subscriptions"]!.GetValue<long>());
        await AssertMadeOnceAsync(admin, made, await ComeAgainAsync(admin));
    }

    [Fact]
    public async Task One_who_has_paid_and_is_signed_up_again_waits_for_no_other_subscription_that_somebody_began()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, MakesTwo);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var (status, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(status == 201, made.ToJsonString());
        using (var paid = await world.Sandbox.PostAsync(new Uri(made["checkoutUrl"]!.GetValue<string>()), null, TestContext.Current.CancellationToken)) Assert.True(paid.IsSuccessStatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v0/subscriptions")
        {
            Headers = { { "Authorization", "Bearer sk_test_sandbox" } },
            Content = JsonContent.Create(new
            {
                name = "by hand",
                planId = made["subscription"]!["planId"]!.GetValue<string>(),
                customerId = made["customerId"]!.GetValue<string>(),
                startedAt = "2030-01-01T00:00:00Z",
                prefundAmount = "5.00",
            }),
        };
        using (var begun = await world.Sandbox.SendAsync(request, TestContext.Current.CancellationToken))
            Assert.True(begun.IsSuccessStatusCode, await begun.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        var (again, same) = await ComeAgainAsync(admin);

        Assert.True(again == 200, same.ToJsonString());
        Assert.Equal(made["subscription"]!["id"]!.GetValue<string>(), same["subscription"]!["id"]!.GetValue<string>());
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
    }

    [Fact]
    public async Task A_checkout_that_was_not_paid_in_time_is_replaced_by_another_and_the_key_waits_for_that_one()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var world = await World.StartAsync(RedisKind.Embedded, MakesTwo, clock);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var (_, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        var (key, checkout) = (made["key"]!["key"]!.GetValue<string>(), made["checkoutUrl"]!.GetValue<string>());

        clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal(HttpStatusCode.Gone, await PayAsync(world, checkout));
        Assert.Equal(checkout, (await ComeAgainAsync(admin)).Body["checkoutUrl"]!.GetValue<string>()); // who began to pay in time may not have ended yet

        clock.Advance(TimeSpan.FromMinutes(16));
        var (status, renewed) = await ComeAgainAsync(admin);
        Assert.True(status == 200, renewed.ToJsonString());
        var second = renewed["checkoutUrl"]!.GetValue<string>();
        Assert.NotEqual(checkout, second);
        Assert.Equal(made["key"]!["id"]!.GetValue<string>(), renewed["key"]!["id"]!.GetValue<string>());
        await AssertOneAwaitsPaymentAsync(admin, renewed);

        using var client = Clients.For(gateway.Address, key);
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (await PaymentUrlAsync(client) != second) Assert.True(await deadline.TickAsync(), "the key still shows the checkout that is over");
        Assert.Equal(HttpStatusCode.OK, await PayAsync(world, second));
        while ((await admin.GetAsync("/keys")).Body[0]!["status"]!.GetValue<string>() != "live") Assert.True(await deadline.TickAsync(), "the key is not live");
        Assert.Null((await ComeAgainAsync(admin)).Body["checkoutUrl"]);
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
    }

    [Theory]
    [InlineData("POST /v0/subscriptions/{id}/termination", "dropBeforeCommit", true)]
    [InlineData("POST /v0/subscriptions/{id}/termination", "dropAfterCommit", true)]
    [InlineData("POST /v0/subscriptions/{id}/termination", "malformed", false)]
    [InlineData("POST /v0/subscriptions/{id}/termination", "status", false)]
    [InlineData("POST /v0/subscriptions", "dropBeforeCommit", true)]
    [InlineData("POST /v0/subscriptions", "dropAfterCommit", true)]
    public async Task A_checkout_is_replaced_once_wherever_that_breaks_off(string operation, string kind, bool mayBeUnderWay)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var world = await World.StartAsync(RedisKind.Embedded, MakesTwo, clock);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var (_, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        for (var time = 0; time < 2; time++) // what has replaced one is replaced in its turn
        {
            clock.Advance(TimeSpan.FromHours(5));
            await world.FaultAsync(new { operation, kind, count = 1 });
            var (first, problem) = await ComeAgainAsync(admin);
            Assert.True(first == 502, problem.ToJsonString());
            if (mayBeUnderWay) await RunOutAsync(await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync());

            var (status, renewed) = await ComeAgainAsync(admin);

            Assert.True(status == 200, renewed.ToJsonString());
            Assert.Equal(made["key"]!["id"]!.GetValue<string>(), renewed["key"]!["id"]!.GetValue<string>());
            await AssertOneAwaitsPaymentAsync(admin, renewed);
            Assert.Equal(time + 2, (await admin.GetAsync($"/customers/{made["customerId"]}/subscriptions")).Body.AsArray().Count);
        }
    }

    [Fact]
    public async Task Killed_while_a_checkout_is_replaced_and_sent_again_there_is_one_that_awaits_payment_and_one_key()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var world = await World.StartAsync(RedisKind.Server, MakesTwo, clock);
        var path = world.WriteConfiguration(root => root["Gateway"]!["Admin"]!["Url"] = $"http://127.0.0.1:{Ports.Free()}");
        using var admin = new AdminClient(new Uri(JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!["Gateway"]!["Admin"]!["Url"]!.GetValue<string>()));
        using var redis = await ConnectionMultiplexer.ConnectAsync(world.RedisAddress);
        JsonNode made;
        await using (var first = await GatewayProcess.StartAsync(path))
        {
            made = (await admin.PostAsync("/customers", AdminClient.Customer())).Body;
            await first.TerminateAsync();
        }

        clock.Advance(TimeSpan.FromHours(5));
        foreach (var operation in (string[])["POST /v0/subscriptions/{id}/termination", "POST /v0/subscriptions"])
        {
            await world.FaultAsync(new { operation, kind = "hold" });
            await using var gateway = await GatewayProcess.StartAsync(path);
            var sent = admin.PostAsync("/customers", AdminClient.Customer());
            await HeldAsync(world, 1, sent);
            await gateway.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => sent);
            await RunOutAsync(redis.GetDatabase());
        }

        await world.FaultAsync();
        await using var last = await GatewayProcess.StartAsync(path);
        var (status, renewed) = await ComeAgainAsync(admin);
        Assert.True(status == 200, renewed.ToJsonString());
        Assert.Equal(made["key"]!["id"]!.GetValue<string>(), renewed["key"]!["id"]!.GetValue<string>());
        await AssertOneAwaitsPaymentAsync(admin, renewed);
    }

    [Fact]
    public async Task A_record_of_a_key_that_can_not_be_read_keeps_no_other_key_from_its_payment_and_no_gateway_from_running()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var redis = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        await redis.StringSetAsync("gateway:{keys}:key:unreadable00", "{\"id\":");
        await redis.SetAddAsync("gateway:{keys}:pending", "unreadable00");
        await redis.SortedSetAddAsync("gateway:{keys}:all", "unreadable00", 1);

        var (status, made) = await admin.PostAsync("/customers", AdminClient.Customer());
        Assert.True(status == 201, made.ToJsonString());
        using (var paid = await world.Sandbox.PostAsync(new Uri(made["checkoutUrl"]!.GetValue<string>()), null, TestContext.Current.CancellationToken)) Assert.True(paid.IsSuccessStatusCode);

        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while ((await admin.GetAsync("/keys")).Body is not JsonArray { Count: 1 } keys || keys[0]!["status"]!.GetValue<string>() != "live")
            Assert.True(await deadline.TickAsync(), "the key is not live");
        Assert.False(gateway.Services.GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
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

    /// <summary>Its turn would be another's, and whether Paygentic takes it for the same customer is written down nowhere.</summary>
    [Theory]
    [InlineData(" ada@example.com")]
    [InlineData("ada@example.com\n")]
    [InlineData("ada@exam\u00a0ple.com")]
    public async Task White_space_makes_no_other_e_mail_address(string email)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (status, problem) = await admin.PostAsync("/customers", AdminClient.Customer(email));

        Assert.True(status == 400, problem.ToJsonString());
        Assert.Equal("email", Assert.Single(problem["errors"]!.AsObject()).Key);
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

    /// <summary>A Paygentic that makes what it is asked for, as often as it is asked.</summary>
    private static SandboxOptions MakesTwo => new() { Seed = Seeds.Demo("1.00"), RepeatedSubscriptions = true };

    private static async Task<HttpStatusCode> PayAsync(World world, string checkout)
    {
        using var answer = await world.Sandbox.PostAsync(new Uri(checkout), null, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<string> PaymentUrlAsync(HttpClient client)
    {
        using var answer = await client.SubmitAsync("console.log(1)");
        return (await Problem.AssertAsync(answer, HttpStatusCode.PaymentRequired, "payment-pending"))["paymentUrl"]!.GetValue<string>();
    }

    /// <summary>The one that was answered, and the only key.</summary>
    private static async Task AssertOneAwaitsPaymentAsync(AdminClient admin, JsonNode answered)
    {
        var subscriptions = (await admin.GetAsync($"/customers/{answered["customerId"]}/subscriptions")).Body.AsArray();
        var pending = Assert.Single(subscriptions, s => s!["status"]!.GetValue<string>() != "terminated")!;
        Assert.Equal(
            ("pending_payment", answered["subscription"]!["id"]!.GetValue<string>(), answered["checkoutUrl"]!.GetValue<string>()),
            (pending["status"]!.GetValue<string>(), pending["id"]!.GetValue<string>(), pending["checkoutUrl"]!.GetValue<string>()));
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
    }

    /// <summary>Another node on the same Redis.</summary>
    private static Task<RunningGateway> StartOtherAsync(World world)
    {
        var path = Path.Combine(world.Folder, "other.json");
        File.Copy(Path.Combine(world.Folder, "gateway.json"), path);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        root["Gateway"]!["DataDirectory"] = Path.Combine(world.Folder, "other");
        File.WriteAllText(path, root.ToJsonString());
        return RunningGateway.StartAsync(path);
    }

    /// <summary>Until the sandbox holds so many calls, or the sign-up is answered.</summary>
    private static async Task HeldAsync(World world, int calls, Task signUp)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        while (!signUp.IsCompleted && await world.HitsAsync() < calls) Assert.True(await deadline.TickAsync(), "no call is held");
    }

    /// <summary>Sends it again as long as an earlier one may still be under way.</summary>
    private static async Task<(int Status, JsonNode Body)> ComeAgainAsync(AdminClient admin)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        while (true)
        {
            var answer = await admin.PostAsync("/customers", AdminClient.Customer());
            if (answer.Status != 409 || !await deadline.TickAsync()) return answer;
        }
    }

    /// <summary>As if the time had passed in which a call may be under way.</summary>
    private static async Task RunOutAsync(IDatabase database)
    {
        var turn = SignUpTurns.KeyOf("ada@example.com");
        Assert.InRange((await database.KeyTimeToLiveAsync(turn))!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.True(await database.KeyDeleteAsync(turn));
    }

    private static async Task AssertMadeOnceAsync(AdminClient admin, JsonNode made, (int Status, JsonNode Body) again)
    {
        Assert.Equal((200, null), (again.Status, again.Body["key"]!["key"]));
        Assert.Equal(made["customerId"]!.GetValue<string>(), again.Body["customerId"]!.GetValue<string>());
        Assert.Equal(made["key"]!["id"]!.GetValue<string>(), again.Body["key"]!["id"]!.GetValue<string>());
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
        Assert.Single((await admin.GetAsync($"/customers/{made["customerId"]}/subscriptions")).Body.AsArray());
    }
}
