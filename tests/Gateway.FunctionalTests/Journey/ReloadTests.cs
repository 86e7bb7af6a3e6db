using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>The file is edited while requests run.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task A_good_edit_takes_effect_without_dropping_a_request_and_a_bad_one_changes_nothing()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            var statuses = new List<HttpStatusCode>();
            while (!stop.IsCancellationRequested)
            {
                using var answer = await gateway.Client.GetAsync("/languages");
                statuses.Add(answer.StatusCode);
            }

            return statuses;
        });

        // Premium from now on.
        world.WriteConfiguration(root => root["Gateway"]!["Routes"]!["submissions"] =
            new JsonObject { ["Meters"] = new JsonArray(new JsonObject { ["Metric"] = "premium-submissions" }) });
        await UntilAsync(async () =>
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return (await world.LedgerWhenAsync(_ => true)).Events("bm_premium") > 0;
        });

        // Names a metric that is not there: nothing of it may take effect, not even the new route.
        world.WriteConfiguration(root =>
        {
            root["ReverseProxy"]!["Routes"]!["new"] = JsonNode.Parse("""{ "ClusterId": "runner", "Match": { "Path": "/statuses" } }""");
            root["Gateway"]!["Routes"]!["new"] = JsonNode.Parse("""{ "Meters": [ { "Metric": "no-such-metric" } ] }""");
        });
        var before = (await world.LedgerAsync()).Events("bm_basic");
        for (var i = 0; i < 300; i++)
        {
            using var answer = await gateway.Client.GetAsync("/statuses", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            await new Deadline(TimeSpan.FromSeconds(1)).TickAsync(); // three seconds in all: the watcher has looked twice
        }

        // The same route with a price.
        world.WriteConfiguration(root =>
        {
            root["ReverseProxy"]!["Routes"]!["new"] = JsonNode.Parse("""{ "ClusterId": "runner", "Match": { "Path": "/statuses" } }""");
            root["Gateway"]!["Routes"]!["new"] = JsonNode.Parse("""{ "Free": true }""");
        });
        await UntilAsync(async () =>
        {
            using var answer = await gateway.Client.GetAsync("/statuses");
            return answer.StatusCode == HttpStatusCode.OK;
        });

        await stop.CancelAsync();
        Assert.All(await load, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(before, (await world.LedgerAsync()).Events("bm_basic"));
    }

    private static async Task UntilAsync(Func<Task<bool>> happens)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(15));
        while (!await happens()) Assert.True(await deadline.TickAsync(), "it did not happen in time");
    }
}
