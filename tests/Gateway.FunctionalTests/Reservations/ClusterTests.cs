using System.Net;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Reservations;

public sealed class ClusterTests
{
    private const int Customers = 40;

    [Fact]
    public async Task A_master_of_a_redis_cluster_dies_under_load_and_everybody_is_served_again_without_overspending()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var fleet = await Fleet.StartAsync(cluster.Connection, Customers, _ => "5.00");
        await using var first = await RunningGateway.StartAsync(fleet.WriteConfiguration(0));
        await using var second = await RunningGateway.StartAsync(fleet.WriteConfiguration(1));
        var turn = 0;
        var load = new FleetLoad(Customers, () => (Interlocked.Increment(ref turn) % 2 == 0 ? first : second).Client);
        var clients = load.Start(4);
        await UntilAsync(() => load.Answered >= 500);

        await cluster.KillBusiestMasterAsync();
        var before = load.Answered;
        await UntilAsync(() => load.Answered >= before + 500);
        load.Stop();
        await Task.WhenAll(clients);

        // What the nodes had in hand may do for a while; so each account is emptied until it needs the pool again, on both nodes.
        foreach (var gateway in (RunningGateway[])[first, second])
        {
            for (var customer = 0; customer < Customers; customer++)
            {
                for (var served = 0; served < 15;)
                {
                    var deadline = new Deadline(TimeSpan.FromSeconds(30));
                    using var answer = await gateway.Client.SendAsync(Fleet.Submission(customer), TestContext.Current.CancellationToken);
                    if (answer.StatusCode == HttpStatusCode.Created) served++;
                    else Assert.True(await deadline.TickAsync(), $"{answer.StatusCode} long after the failover");
                }
            }
        }

        await first.StopAsync();
        await second.StopAsync();
        foreach (var customer in (await fleet.LedgerAsync())["customers"]!.AsArray())
        {
            var entitlements = customer!["entitlements"]!.AsArray();
            Assert.All(entitlements, e => Assert.True(e!["unitsUsed"]!.GetValue<long>() <= e["quantity"]!.GetValue<long>(), e.ToJsonString()));
            Assert.All(entitlements, e => Assert.True(e!["usedCount"]!.GetValue<long>() <= e["maxUses"]!.GetValue<long>(), e.ToJsonString()));
        }

        async Task UntilAsync(Func<bool> holds)
        {
            var deadline = new Deadline(TimeSpan.FromSeconds(60));
            while (!holds()) Assert.True(await deadline.TickAsync(), $"{load.Answered} answers; {string.Join(", ", load.Statuses)}");
        }
    }
}
