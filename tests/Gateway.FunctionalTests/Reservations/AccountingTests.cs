using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Reservations;

/// <summary>Where units are, as the admin API tells it; and what a warm request costs.</summary>
public sealed class AccountingTests
{
    [Fact]
    public async Task Every_unit_of_an_account_can_be_seen_where_it_is()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(WithToken);
        for (var i = 0; i < 3; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        var account = await GetAsync(gateway, $"/accounts/{World.Customer}/basic-submissions");
        Assert.Equal((10, 7, 0, 3, 0), (Of(account, "leased"), Of(account, "left"), Of(account, "held"), Of(account, "charged"), Of(account, "expired")));
        Assert.Equal(0, Of(account["pool"]!, "pooled"));
        Assert.StartsWith("embedded:", account["pool"]!["epoch"]!.GetValue<string>(), StringComparison.Ordinal);

        var all = (await gateway.Admin.SendAsync(Get("/accounts?customer=" + World.Customer), TestContext.Current.CancellationToken)).Content;
        Assert.Equal(2, (await all.ReadFromJsonAsync<JsonArray>(TestContext.Current.CancellationToken))!.Count); // submissions and execution time
        using var refused = await gateway.Admin.GetAsync("/accounts", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_warm_request_makes_no_call_to_redis_or_paygentic()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, wallet: "100.00");
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            WithToken(root);
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Reservations"] = new JsonObject { ["MinBatch"] = 1000 };
        });
        var started = await GetAsync(gateway, "/state");
        using (var first = await gateway.Client.SubmitAsync("console.log(0)")) Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        var before = await GetAsync(gateway, "/state");

        for (var i = 0; i < 200; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("");
            Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity);
        }

        var after = await GetAsync(gateway, "/state");
        Assert.Equal((Of(before, "poolCalls"), Of(before, "providerCalls")), (Of(after, "poolCalls"), Of(after, "providerCalls")));
        Assert.Equal(4, Of(started, "poolCalls")); // the start's own, one of each script
        Assert.InRange(Of(before, "poolCalls") - Of(started, "poolCalls"), 2, 3);
    }

    [Fact]
    public async Task An_orderly_end_leaves_what_was_not_spent_to_the_next_gateway()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using (var first = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged))
        {
            using var answer = await first.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        await using var second = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            WithToken(root);
            root["Gateway"]!["DataDirectory"] = Path.Combine(world.Folder, "another-node");
        });

        var account = await GetAsync(second, $"/accounts/{World.Customer}/basic-submissions");
        Assert.Equal((0, 9), (Of(account, "leased"), Of(account["pool"]!, "pooled")));
    }

    private static void WithToken(JsonObject root) => root["Gateway"]!["Admin"]!["Token"] = "token";

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "token") } };

    private static async Task<JsonNode> GetAsync(RunningGateway gateway, string path)
    {
        using var answer = await gateway.Admin.SendAsync(Get(path), TestContext.Current.CancellationToken);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
    }

    private static long Of(JsonNode node, string field) => node[field]!.GetValue<long>();
}
