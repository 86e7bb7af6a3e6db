using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using StackExchange.Redis;

namespace Gateway.FunctionalTests.Streams;

/// <summary>Whole gateways as processes, with nothing on their disk.</summary>
public sealed class DisklessNodeTests
{
    [Fact]
    public async Task Killed_again_and_again_under_load_other_nodes_report_what_the_dead_ones_charged_once_each()
    {
        await using var world = await World.StartAsync(RedisKind.Server, wallet: "20.00");
        var path = world.WriteConfiguration(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            Diskless(root);
            root["Gateway"]!["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 50, ["MaxBatch"] = 20 };
        });
        var answered = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            await using var gateway = await GatewayProcess.StartAsync(path);
            var load = Enumerable.Range(0, 8).Select(_ => SubmitUntilKilledAsync(gateway.Client, answered)).ToArray();
            var goal = (round + 1) * 60;
            var deadline = new Deadline(TimeSpan.FromSeconds(30));
            while (Count(answered) < goal) Assert.True(await deadline.TickAsync(), gateway.Output);
            await gateway.KillAsync();
            await Task.WhenAll(load);
        }

        using (var redis = await ConnectionMultiplexer.ConnectAsync(world.RedisAddress)) await StreamBench.AgeAsync(redis.GetDatabase());
        await using var last = await GatewayProcess.StartAsync(path);
        var charged = await world.ChargedAsync(answered);

        Assert.Equal(charged.Count, charged.Distinct().Count());
        Assert.Empty(answered.Except(charged));
        Assert.InRange(charged.Count - answered.Count, 0, 3 * 8); // answers that a kill cut off
        var ledger = await world.LedgerAsync();
        Assert.Equal(0, ledger.ConflictingDuplicates);
        Assert.All(ledger.Entitlements, e => Assert.True(e["unitsUsed"]!.GetValue<long>() <= e["quantity"]!.GetValue<long>()));
        Assert.False(Directory.Exists(Path.Combine(world.Folder, "data")));
    }

    [Fact]
    public async Task While_redis_is_away_requests_are_refused_and_health_says_why()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using var gateway = await world.StartGatewayAsync(Diskless);
        using (var answer = await gateway.Client.SubmitAsync("console.log(1)")) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);

        await world.StopRedisAsync();

        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        string health;
        while (!(health = await gateway.Admin.HealthAsync()).Contains("Redis does not answer", StringComparison.Ordinal))
            Assert.True(await deadline.TickAsync(), health);
        using var refused = await gateway.Client.SubmitAsync("console.log(1)");
        await Problem.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "journal-unavailable");
    }

    [Fact]
    public async Task Where_redis_goes_away_while_a_request_runs_its_client_is_told_that_it_can_not_be_charged()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using var api = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Diskless(root);
            root.UseUpstream(api.Address);
        });
        var rest = api.AnswerInTwoParts("|HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        var asking = gateway.Client.SubmitAsync("console.log(1)");
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (api.Requests.IsEmpty) Assert.True(await deadline.TickAsync());

        await world.StopRedisAsync();
        rest.SetResult();

        using var refused = await asking;
        await Problem.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "journal-unavailable");
    }

    [Fact]
    public async Task What_a_node_that_ends_in_good_order_carries_of_a_unit_is_there_for_the_others()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using (var gateway = await world.StartGatewayAsync(Diskless))
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        using var redis = await ConnectionMultiplexer.ConnectAsync(world.RedisAddress);
        var hashes = redis.GetServers().Single().Keys(pattern: "*execution-time*").Where(key => redis.GetDatabase().KeyType(key) == RedisType.Hash);
        Assert.InRange(hashes.Sum(key => (long)redis.GetDatabase().HashGet(key, "carry")), 1, 999_999); // millionths of a second
    }

    private static void Diskless(JsonObject root) => root["Gateway"]!["Journal"] = new JsonObject { ["Engine"] = "RedisStreams" };

    private static async Task SubmitUntilKilledAsync(HttpClient client, HashSet<string> answered)
    {
        try
        {
            while (true)
            {
                using var answer = await client.SubmitAsync("console.log(1)");
                if (answer.StatusCode != HttpStatusCode.Created) continue;
                await answer.Content.ReadAsByteArrayAsync();
                lock (answered) answered.Add(answer.Headers.GetValues("X-Request-Id").Single());
            }
        }
        catch (HttpRequestException)
        {
            // killed
        }
    }

    private static int Count(HashSet<string> set)
    {
        lock (set) return set.Count;
    }
}
