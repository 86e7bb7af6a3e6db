using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Recovery;

public sealed class KillTests
{
    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    [Theory, MemberData(nameof(Redis))]
    public async Task Killed_right_after_an_answer_the_charge_arrives_once_after_the_restart(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        var path = world.WriteConfiguration(NothingIsShippedSoon);
        await using (var gateway = await GatewayProcess.StartAsync(path))
        {
            for (var i = 0; i < 5; i++)
            {
                using var answer = await gateway.Client.SubmitAsync("console.log(1)");
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            }

            await gateway.KillAsync();
        }

        Assert.Empty(await world.EventsAsync());
        world.WriteConfiguration();
        await using var restarted = await GatewayProcess.StartAsync(path);
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 5);
        Assert.Equal((5, 5 * World.BasicPrice), (ledger.Quantity("bm_basic"), ledger.Charged));

        // What the dead process had leased is spent by the living one: two more need no new entitlement.
        for (var i = 0; i < 2; i++)
        {
            using var answer = await restarted.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 7);
        Assert.Equal((7, 0, 0), (ledger.Quantity("bm_basic"), ledger.Duplicates, ledger.ConflictingDuplicates));
        Assert.Single(ledger.Entitlements, e => e["billableMetricId"]!.GetValue<string>() == "bm_basic");
    }

    [Fact]
    public async Task Killed_again_and_again_under_load_every_answer_is_charged_once_and_no_more()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, wallet: "5.00");
        var path = world.WriteConfiguration(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 20 };
        });
        var answered = new HashSet<string>();
        for (var round = 0; round < 4; round++)
        {
            await using var gateway = await GatewayProcess.StartAsync(path);
            var client = gateway.Client;
            var killed = false;
            var load = Enumerable.Range(0, 8).Select(async _ =>
            {
                while (!Volatile.Read(ref killed))
                {
                    try
                    {
                        using var answer = await client.SubmitAsync("console.log(1)");
                        if (answer.StatusCode != HttpStatusCode.Created) continue;
                        await answer.Content.ReadAsByteArrayAsync();
                        lock (answered) answered.Add(answer.Headers.GetValues("X-Request-Id").Single());
                    }
                    catch (HttpRequestException)
                    {
                        return; // killed
                    }
                }
            }).ToArray();
            var goal = (round + 1) * 60;
            var deadline = new Deadline(TimeSpan.FromSeconds(30));
            while (Count(answered) < goal) Assert.True(await deadline.TickAsync(), gateway.Output);
            await gateway.KillAsync();
            Volatile.Write(ref killed, true);
            await Task.WhenAll(load);
        }

        await using var last = await GatewayProcess.StartAsync(path);
        await world.ChargedAsync(answered);
        await last.KillAsync();
        var charged = await world.ChargedAsync(answered);
        Assert.Equal(charged.Count, charged.Distinct().Count());
        Assert.Empty(answered.Except(charged));

        // A settlement can be in the journal whose answer the kill cut off: at most one per connection and kill.
        Assert.InRange(charged.Count - answered.Count, 0, 4 * 8);
        var ledger = await world.LedgerAsync();
        Assert.Equal(0, ledger.ConflictingDuplicates);
        Assert.All(ledger.Entitlements, e => Assert.True(e["unitsUsed"]!.GetValue<long>() <= e["quantity"]!.GetValue<long>()));
    }

    private static int Count(HashSet<string> set)
    {
        lock (set) return set.Count;
    }

    private static void NothingIsShippedSoon(JsonObject root) =>
        root["Gateway"]!["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 60_000 };
}
