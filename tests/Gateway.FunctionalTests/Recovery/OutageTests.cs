using System.Net;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Recovery;

/// <summary>Money fails closed: what is in hand is spent, then nothing is forwarded that cannot be decided.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task With_paygentic_away_the_lease_in_hand_is_spent_and_then_requests_are_refused_until_it_is_back()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using (var first = await gateway.Client.SubmitAsync("console.log(0)")) Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await world.FaultAsync(new { operation = "*", kind = "status", status = 503 });

        for (var i = 1; i < 10; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        using (var refused = await gateway.Client.SubmitAsync("console.log(1)"))
        {
            await Problem.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "billing-unavailable");
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Assert.Equal(10, await world.RunnerReceivedAsync());
        await world.Sandbox.DeleteAsync("/sandbox/faults", TestContext.Current.CancellationToken);
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (true)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            if (answer.StatusCode == HttpStatusCode.Created) break;
            Assert.True(await deadline.TickAsync());
        }

        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 11);
        Assert.Equal(11, ledger.Quantity("bm_basic"));
    }

    [Fact]
    public async Task With_redis_away_the_lease_in_hand_is_spent_and_the_gateway_still_starts()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using (var first = await gateway.Client.SubmitAsync("console.log(0)")) Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await world.StopRedisAsync();

        var statuses = new List<HttpStatusCode>();
        for (var i = 1; i < 12; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Created, 9).Concat([HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable]), statuses);
        Assert.Equal(10, await world.RunnerReceivedAsync());
        Assert.Equal(10, (await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 10)).Quantity("bm_basic"));
    }

    [Fact]
    public async Task A_route_that_allows_it_serves_a_number_of_units_in_an_outage_and_charges_them_when_it_is_over()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await world.StopRedisAsync();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Routes"]!["submissions"]!["WhenUnavailable"] = "Allow";
            root["Gateway"]!["Routes"]!["submissions"]!["AllowanceUnits"] = 5;
        });

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 7; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Created, 5).Concat([HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable]), statuses);
        Assert.Equal(5, await world.RunnerReceivedAsync());
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 5);
        Assert.Equal((5, 5 * World.BasicPrice), (ledger.Quantity("bm_basic"), ledger.Charged));
        Assert.Empty(ledger.Entitlements);
    }
}
