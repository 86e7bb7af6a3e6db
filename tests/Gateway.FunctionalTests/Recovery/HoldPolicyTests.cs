using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Recovery;

public sealed class HoldPolicyTests
{
    [Theory]
    [InlineData("Forgive", 1)]
    [InlineData("ChargeHold", 2)]
    public async Task A_request_that_was_under_way_when_the_process_died_is_charged_as_the_operator_says(string policy, int charged)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var path = world.WriteConfiguration(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Journal"] = new JsonObject { ["Recovery"] = policy };
        });
        await using (var gateway = await GatewayProcess.StartAsync(path))
        {
            var never = gateway.Client.SubmitAsync("while (true) { }");
            var deadline = new Deadline(TimeSpan.FromSeconds(10));
            while (await world.RunnerReceivedAsync() == 0) Assert.True(await deadline.TickAsync());
            await gateway.KillAsync();
            await Assert.ThrowsAsync<HttpRequestException>(() => never);
        }

        await using (var restarted = await GatewayProcess.StartAsync(path))
        {
            using (var answer = await restarted.Client.SubmitAsync("console.log(1)")) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            await restarted.TerminateAsync();
        }

        // Decided once: the third start finds nothing under way.
        await using (var third = await GatewayProcess.StartAsync(path)) await third.TerminateAsync();
        Assert.Equal(charged, (await world.LedgerAsync()).Quantity("bm_basic"));
    }
}
