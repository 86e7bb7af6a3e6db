using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Reservations;

/// <summary>Real processes on one real Redis, while all of them are shot at.</summary>
public sealed class ManyNodesTests
{
    private const int Nodes = 4;
    private const int Customers = 100;

    [Fact]
    public async Task Nodes_killed_paused_and_a_redis_that_comes_back_older_overspend_nothing_and_lose_no_charge()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fleet = await Fleet.StartAsync(redis.Connection, Customers, i => i % 5 == 0 ? "0.03" : "5.00"); // every fifth runs out of money
        var nodes = new GatewayProcess?[Nodes];
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(StartAsync));
        var turn = 0;
        var load = new FleetLoad(Customers, () => Volatile.Read(ref nodes[(uint)Interlocked.Increment(ref turn) % Nodes])?.Client);
        var clients = load.Start(8);

        await AfterAsync(500);
        await KillAsync(0);
        await redis.SaveAsync();
        await StartAsync(0);
        await AfterAsync(500);
        var paused = Interlocked.Exchange(ref nodes[1], null)!; // as a load balancer would; what it has in flight stands still
        paused.Pause();
        await KillAsync(2);
        await AfterAsync(300);
        await redis.RestartAsync(); // it knows what it knew at SaveAsync; what was leased since it would lease again
        await StartAsync(2);
        await AfterAsync(500);
        paused.Continue();
        nodes[1] = paused;
        await KillAsync(3);
        await StartAsync(3);
        await AfterAsync(500);
        await KillAsync(1);
        await StartAsync(1);
        await AfterAsync(500);

        load.Stop();
        await Task.WhenAll(clients);
        await CheckAsync();
        foreach (var node in nodes) await node!.DisposeAsync();

        async Task StartAsync(int node) => Volatile.Write(ref nodes[node], await GatewayProcess.StartAsync(fleet.WriteConfiguration(node)));

        async Task KillAsync(int node)
        {
            var killed = Interlocked.Exchange(ref nodes[node], null)!;
            await killed.DisposeAsync();
        }

        async Task AfterAsync(int answers)
        {
            var (goal, deadline) = (load.Answered + answers, new Deadline(TimeSpan.FromSeconds(60)));
            while (load.Answered < goal) Assert.True(await deadline.TickAsync(), $"{load.Answered} answers of {goal}; {string.Join(", ", load.Statuses)}");
        }

        async Task CheckAsync()
        {
            var deadline = new Deadline(TimeSpan.FromSeconds(30));
            List<string> charged;
            do charged = [.. await fleet.ChargedRequestsAsync("bm_basic"), .. await fleet.ChargedRequestsAsync("bm_premium")];
            while (load.AnsweredRequests.Except(charged).Any() && await deadline.TickAsync());

            Assert.Empty(load.AnsweredRequests.Except(charged));
            Assert.Equal(charged.Count, charged.Distinct().Count());
            Assert.True(load.Statuses.GetValueOrDefault(HttpStatusCode.PaymentRequired) > 0, "nobody ran out of money");
            var ledger = await fleet.LedgerAsync();
            Assert.Equal(0, ledger["conflictingDuplicates"]!.GetValue<long>());
            var brokenOff = load.BrokenOff.Select((count, index) => (Id: Fleet.Customer(index), count)).ToDictionary(c => c.Id, c => c.count);
            foreach (var customer in ledger["customers"]!.AsArray())
            {
                var entitlements = customer!["entitlements"]!.AsArray();
                Assert.All(entitlements, e => Assert.True(Number(e, "unitsUsed") <= Number(e, "quantity") && Number(e, "usedCount") <= Number(e, "maxUses"), e!.ToJsonString()));

                // Each request that reached the upstream had a unit of either metric set aside for it before. One that a kill cut off is forgiven, and its unit may serve another.
                var granted = entitlements.Where(e => e!["billableMetricId"]!.GetValue<string>() != "bm_execution_time").Sum(e => Number(e, "quantity"));
                var id = customer["customerId"]!.GetValue<string>();
                var (received, cutOff) = (fleet.Upstream.Received.GetValueOrDefault(id), brokenOff.GetValueOrDefault(id));
                Assert.True(received <= granted + cutOff, $"{id}: {received} requests reached the upstream for {granted} units, and {cutOff} were cut off");
            }
        }
    }

    private static long Number(JsonNode? node, string field) => node![field]!.GetValue<long>();
}
