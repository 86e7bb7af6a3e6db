using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Keys;
using Gateway.FunctionalTests.Kit;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Onboarding;

public sealed class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task Told_of_a_payment_the_gateway_asks_and_the_key_is_live_when_the_webhook_is_answered()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var made = (await admin.PostAsync("/customers", AdminClient.Customer())).Body;
        var subscription = made["subscription"]!["id"]!.GetValue<string>();
        var path = $"/keys/{made["key"]!["id"]}";

        // Paid, and polling does not see it: every question but the webhook's fails.
        await world.FaultAsync(new { operation = "GET /v0/subscriptions/{id}", kind = "status", status = 503, count = 1_000_000 });
        using (await world.Sandbox.PostAsync(new Uri(made["checkoutUrl"]!.GetValue<string>()), null, TestContext.Current.CancellationToken))
            Assert.Equal("pending", (await admin.GetAsync(path)).Body["status"]!.GetValue<string>());
        await world.FaultAsync();
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(gateway, "msg_1", Body(subscription)));

        Assert.Equal("live", (await admin.GetAsync(path)).Body["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_webhook_that_lies_about_a_payment_makes_no_key_live()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var made = (await admin.PostAsync("/customers", AdminClient.Customer())).Body;

        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(gateway, "msg_1", Body(made["subscription"]!["id"]!.GetValue<string>())));

        Assert.Equal("pending", (await admin.GetAsync($"/keys/{made["key"]!["id"]}")).Body["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("other secret")]
    [InlineData("other body")]
    [InlineData("other id")]
    [InlineData("six minutes old")]
    [InlineData("six minutes ahead")]
    [InlineData("no signature")]
    [InlineData("old version")]
    public async Task What_is_not_signed_rightly_and_just_now_is_refused_and_causes_no_question(string wrong)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        var now = TimeProvider.System.GetUtcNow();
        var at = wrong switch { "six minutes old" => now.AddMinutes(-6), "six minutes ahead" => now.AddMinutes(6), _ => now };
        var signature = Sign(wrong == "other secret" ? "whsec_" + Convert.ToBase64String(new byte[24]) : Secret, "msg_1", at, Body("sub_1"));
        if (wrong == "no signature") signature = "";
        if (wrong == "old version") signature = signature.Replace("v1,", "v0,", StringComparison.Ordinal);

        var status = await SendAsync(gateway, wrong == "other id" ? "msg_2" : "msg_1", wrong == "other body" ? Body("sub_2") : Body("sub_1"), at, signature);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    [Fact]
    public async Task The_same_webhook_again_is_answered_and_not_acted_on()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var made = (await admin.PostAsync("/customers", AdminClient.Customer())).Body;
        var subscription = made["subscription"]!["id"]!.GetValue<string>();
        var at = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(gateway, "msg_1", Body(subscription), at));

        // Paid now; the old message, sent again by whoever caught it, does not make the gateway ask.
        await world.FaultAsync(new { operation = "GET /v0/subscriptions/{id}", kind = "status", status = 503, count = 1_000_000 });
        using (await world.Sandbox.PostAsync(new Uri(made["checkoutUrl"]!.GetValue<string>()), null, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.NoContent, await SendAsync(gateway, "msg_1", Body(subscription), at));
        }

        Assert.Equal("pending", (await admin.GetAsync($"/keys/{made["key"]!["id"]}")).Body["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_a_secret_no_webhook_is_taken()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway, "msg_1", Body("sub_1")));
    }

    [Fact]
    public async Task One_that_is_too_long_is_not_read_and_one_that_can_not_be_signed_rightly_not_at_all()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        var (tooLong, old) = (new string(' ', 300_000), TimeProvider.System.GetUtcNow().AddHours(-1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await SendAsync(gateway, "msg_1", tooLong));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway, "msg_1", tooLong, old));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(gateway, "msg_1", tooLong, signature: ""));
    }

    /// <summary>With thousands of sign-ups that were never paid for, every event of Paygentic's would be as many questions.</summary>
    [Fact]
    public async Task One_that_names_no_subscription_causes_no_question()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        // Another node asks from time to time, so this one only does when it is told to.
        var database = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        await database.StringSetAsync("gateway:{keys}:watcher", "another node", TimeSpan.FromMinutes(10));
        var subscription = (await admin.PostAsync("/customers", AdminClient.Customer())).Body["subscription"]!["id"]!.GetValue<string>();
        await world.FaultAsync(new { operation = "GET /v0/subscriptions/{id}", kind = "status", status = 503, count = 1_000_000 });

        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(gateway, "msg_1", """{"type": "invoice.paid"}"""));
        Assert.Equal(0, await world.HitsAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(gateway, "msg_2", Body(subscription)));
        Assert.NotEqual(0, await world.HitsAsync());
    }

    [Fact]
    public async Task One_that_comes_while_paygentic_can_not_be_asked_is_to_come_again_and_then_taken()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await StartAsync(world);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var database = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        await database.StringSetAsync("gateway:{keys}:watcher", "another node", TimeSpan.FromMinutes(10));
        var made = (await admin.PostAsync("/customers", AdminClient.Customer())).Body;
        var body = Body(made["subscription"]!["id"]!.GetValue<string>());
        await world.FaultAsync(new { operation = "GET /v0/subscriptions/{id}", kind = "status", status = 503, count = 1_000_000 });
        using var paid = await world.Sandbox.PostAsync(new Uri(made["checkoutUrl"]!.GetValue<string>()), null, TestContext.Current.CancellationToken);

        using (var early = await AnswerAsync(gateway, "msg_1", body))
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (early.StatusCode, early.Headers.RetryAfter?.Delta > TimeSpan.Zero));
        await world.FaultAsync();
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(gateway, "msg_1", body));

        Assert.Equal("live", (await admin.GetAsync($"/keys/{made["key"]!["id"]}")).Body["status"]!.GetValue<string>());
    }

    private static Task<RunningGateway> StartAsync(World world) =>
        world.StartGatewayAsync(root => root["Gateway"]!["Paygentic"]!["WebhookSecret"] = Secret);

    private static string Body(string subscription) =>
        new JsonObject { ["type"] = "subscription.updated", ["data"] = new JsonObject { ["id"] = subscription, ["status"] = "active" } }.ToJsonString();

    private static async Task<HttpStatusCode> SendAsync(RunningGateway gateway, string id, string body, DateTimeOffset? at = null, string? signature = null)
    {
        using var answer = await AnswerAsync(gateway, id, body, at, signature);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> AnswerAsync(RunningGateway gateway, string id, string body, DateTimeOffset? at = null, string? signature = null)
    {
        var time = at ?? TimeProvider.System.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Address, "/billing/webhooks/paygentic")) { Content = Clients.Json(body) };
        request.Headers.Add("svix-id", id);
        request.Headers.Add("svix-timestamp", time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("svix-signature", signature ?? Sign(Secret, id, time, body));
        return await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Sign(string secret, string id, DateTimeOffset at, string body) => "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.{body}"))));
}
