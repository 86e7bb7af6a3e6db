using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Recovery;

public sealed class BackPressureTests
{
    [Fact]
    public async Task Requests_that_cost_nothing_do_not_fill_the_journal_for_those_that_do()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
            root["Gateway"]!["Journal"] = new JsonObject { ["SegmentBytes"] = 65_536, ["MaxBytes"] = 131_072 };
            root["Gateway"]!["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 20 };
        });
        upstream.Answer("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        for (var failed = 0; failed < 2_000; failed++)
        {
            using var answer = await gateway.Client.SubmitAsync("1");
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) break; // faster than segments are deleted
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }

        upstream.Answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (true)
        {
            using var answer = await gateway.Client.SubmitAsync("1");
            if (answer.StatusCode == HttpStatusCode.Created) break;
            Assert.True(await deadline.TickAsync(), await gateway.Admin.HealthAsync());
        }
    }

    [Fact]
    public async Task When_the_journal_has_reached_its_limit_requests_are_refused_and_when_paygentic_takes_usage_again_they_are_served()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, wallet: "20.00");
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Journal"] = new JsonObject { ["SegmentBytes"] = 65_536, ["MaxBytes"] = 131_072 };
            root["Gateway"]!["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 20 };
        });
        await world.FaultAsync(
            new { operation = "POST /v0/usage/batch", kind = "status", status = 503, count = 1_000_000 },
            new { operation = "POST /v0/usage", kind = "status", status = 503, count = 1_000_000 });
        var served = 0;
        while (true)
        {
            using var answer = await gateway.Client.SubmitAsync("1");
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                served++;
                Assert.True(served < 2_000, "131,072 bytes hold no 2,000 charges");
                continue;
            }

            await Problem.AssertAsync(answer, HttpStatusCode.ServiceUnavailable, "journal-unavailable");
            break;
        }

        Assert.Contains("MaxBytes", await gateway.Admin.HealthAsync(), StringComparison.Ordinal);
        await world.FaultAsync(); // none any more
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= served, TimeSpan.FromSeconds(30));
        Assert.Equal(served, ledger.Quantity("bm_basic"));
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (true)
        {
            using var answer = await gateway.Client.SubmitAsync("1");
            if (answer.StatusCode == HttpStatusCode.Created) break;
            Assert.True(await deadline.TickAsync(), await gateway.Admin.HealthAsync());
        }
    }
}
