using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>The operator's commands as processes, beside a gateway that runs.</summary>
public sealed class JournalCommandTests
{
    [Fact]
    public async Task Verify_export_and_replay_work_beside_a_running_gateway()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        await world.FaultAsync(
            new { operation = "POST /v0/usage/batch", kind = "status", status = 422, count = 2 },
            new { operation = "POST /v0/usage", kind = "status", status = 422, count = 1 });
        using (var answer = await gateway.Client.SubmitAsync("console.log(1)")) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var quarantine = Path.Combine(world.Folder, "data", "quarantine.jsonl");
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (!File.Exists(quarantine)) Assert.True(await deadline.TickAsync());
        await world.FaultAsync();

        var (verified, report) = await RunAsync(world, "verify");
        Assert.True(verified == 0, report);
        Assert.Contains("whole", report, StringComparison.Ordinal);

        var (exported, lines) = await RunAsync(world, "export");
        Assert.Equal(0, exported);
        var charge = JsonNode.Parse(Assert.Single(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!;
        Assert.Equal(("cus_demo", 1), (charge["customer"]!.GetValue<string>(), charge["quantity"]!.GetValue<int>()));

        var (replayed, result) = await RunAsync(world, "replay");
        Assert.True(replayed == 0, result);
        Assert.Contains("Paygentic accepted all 1 usage events.", result, StringComparison.Ordinal);
        Assert.Equal(1, (await world.LedgerAsync()).Quantity("bm_basic"));
        Assert.Contains("Nothing is in quarantine.", (await RunAsync(world, "replay")).Output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(World world, string verb)
    {
        var (exitCode, output, _) = await GatewayCli.RunAsync("journal", verb, "--config", Path.Combine(world.Folder, "gateway.json"));
        return (exitCode, output);
    }
}
