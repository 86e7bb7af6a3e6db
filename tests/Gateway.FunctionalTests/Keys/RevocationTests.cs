using System.Net;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Keys;

/// <summary>Four nodes over one Redis, all of them busy, and keys that are revoked at one of them: how long until the last node refuses.</summary>
public sealed class RevocationTests(ITestOutputHelper output)
{
    private const int Nodes = 4;

    [Fact]
    public async Task A_thousand_revocations_reach_four_busy_nodes_within_a_second()
    {
        var took = await RevokeAsync(1_000, atOnce: 16, redisArguments: "");

        Assert.True(Percentile(took, 99) <= TimeSpan.FromSeconds(1), Report(took));
        output.WriteLine(Report(took));
    }

    [Fact]
    public async Task With_redis_unable_to_push_they_reach_all_nodes_within_ten_seconds()
    {
        var took = await RevokeAsync(200, atOnce: 50, redisArguments: "--rename-command PUBLISH \"\"");

        Assert.True(took[^1] <= TimeSpan.FromSeconds(10), Report(took));
        Assert.True(took[^1] >= TimeSpan.FromMilliseconds(100), "so soon that it was pushed: the test does not cut the push");
        output.WriteLine(Report(took));
    }

    /// <returns>From the order to revoke until no node takes the key, of each key, the quickest first.</returns>
    private static async Task<List<TimeSpan>> RevokeAsync(int count, int atOnce, string redisArguments)
    {
        await using var redis = await RedisServer.StartAsync(redisArguments);
        await using var fleet = await Fleet.StartAsync(redis.Connection, customers: 4, _ => "1.00");
        var nodes = new List<RunningGateway>();
        for (var i = 0; i < Nodes; i++) nodes.Add(await RunningGateway.StartAsync(fleet.WriteConfiguration(i, root => root["Gateway"]!["Admin"]!["Token"] = AdminClient.Token)));
        using var admin = new AdminClient(nodes[0].Admin.BaseAddress!);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, Nodes).Select(i => LoadAsync(nodes[i], i, stop.Token)).ToList();

        var took = new List<TimeSpan>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = TestContext.Current.CancellationToken }, async (i, token) =>
            {
                var made = (await admin.PostAsync("/keys", new { customerId = Fleet.Customer(i % 4) })).Body;
                var key = made["key"]!.GetValue<string>();
                foreach (var node in nodes) Assert.NotEqual(HttpStatusCode.Unauthorized, await AskAsync(node, key));

                var start = TimeProvider.System.GetTimestamp();
                Assert.Equal(200, (await admin.DeleteAsync($"/keys/{made["id"]}")).Status);
                await Task.WhenAll(nodes.Select(async node =>
                {
                    var deadline = new Deadline(TimeSpan.FromSeconds(15));
                    while (await AskAsync(node, key) != HttpStatusCode.Unauthorized) Assert.True(await deadline.TickAsync(), "the key is still good");
                }));
                var elapsed = TimeProvider.System.GetElapsedTime(start);
                lock (took) took.Add(elapsed);
            });

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), served => Assert.True(served > 0));
        foreach (var node in nodes) await node.DisposeAsync();
        took.Sort();
        return took;
    }

    private static async Task<int> LoadAsync(RunningGateway node, int customer, CancellationToken stop)
    {
        var served = 0;
        while (!stop.IsCancellationRequested)
        {
            using var request = Fleet.Submission(customer);
            using var answer = await node.Client.SendAsync(request, CancellationToken.None);
            if (answer.StatusCode == HttpStatusCode.Created) served++;
        }

        return served;
    }

    /// <summary>A free route: only the key decides.</summary>
    private static async Task<HttpStatusCode> AskAsync(RunningGateway node, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Address, "/languages/")) { Headers = { Authorization = new("Bearer", key) } };
        using var answer = await node.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private static TimeSpan Percentile(List<TimeSpan> sorted, int percent) => sorted[(sorted.Count * percent / 100) - 1];

    private static string Report(List<TimeSpan> took) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{took.Count} revocations, {Nodes} nodes: p50 {Percentile(took, 50).TotalMilliseconds:F0} ms, p99 {Percentile(took, 99).TotalMilliseconds:F0} ms, most {took[^1].TotalMilliseconds:F0} ms");
}
