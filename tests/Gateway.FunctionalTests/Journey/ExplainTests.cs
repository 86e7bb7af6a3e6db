using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>What the operator is told of a charge, beside what the client and Paygentic were told.</summary>
public sealed class ExplainTests
{
    [Fact]
    public async Task A_receipt_is_explained_while_the_gateway_runs_with_the_units_that_the_client_and_Paygentic_saw()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        string receipt, quantity;
        using (var answer = await gateway.Client.SubmitAsync("const end = Date.now() + 1100; while (Date.now() < end);"))
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            (receipt, quantity) = (answer.Headers.GetValues("Usage-Receipt").Single(), answer.Headers.GetValues("Usage-Quantity").Single());
        }

        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") == 1 && l.Quantity("bm_execution_time") == 1);
        var explained = await WhenAcknowledgedAsync(world, receipt);

        Assert.Equal(quantity, string.Join(", ", explained["totals"]!.AsArray().Select(t => $"{t!["metric"]}={t["units"]}")));
        var part = Assert.Single(explained["parts"]!.AsArray())!;
        foreach (var charge in part["charges"]!.AsArray())
            Assert.Equal(ledger.Quantity(charge!["billableMetricId"]!.ToString()), charge["units"]!.GetValue<long>());
        Assert.Equal(
            (await world.EventsAsync()).Select(e => e!["idempotencyKey"]!.ToString()).Order(),
            part["charges"]!.AsArray().Select(c => c!["idempotencyKey"]!.ToString()).Order());
        Assert.Equal(
            (await world.EventsAsync()).Select(e => e!["entitlementId"]!.ToString()).Order(), part["charges"]!.AsArray().Select(c => c!["entitlement"]!.ToString()).Order());
        Assert.All(explained["checks"]!.AsArray(), c => Assert.Equal("agrees", c!["verdict"]!.ToString()));

        var time = part["charges"]!.AsArray().Single(c => c!["metric"]!.ToString() == "execution-time")!;
        Assert.Equal(part["upstreamMicroseconds"]!.GetValue<long>(), time["measuredMicroUnits"]!.GetValue<long>());
        Assert.Equal(0, time["carryBeforeMicroUnits"]!.GetValue<long>());
        Assert.Equal(time["measuredMicroUnits"]!.GetValue<long>() - 1_000_000, time["carryAfterMicroUnits"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_configuration_that_was_edited_since_is_told_and_a_receipt_of_nobody_is_not_found()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        string receipt;
        using (var answer = await gateway.Client.SubmitAsync("console.log(1)")) receipt = answer.Headers.GetValues("Usage-Receipt").Single();
        world.WriteConfiguration(root => root["Gateway"]!["Routes"]!["submissions"] = new JsonObject
        {
            ["Meters"] = new JsonArray(new JsonObject { ["Metric"] = "basic-submissions", ["Source"] = "Constant", ["Units"] = 3 }),
        });

        var (found, text, _) = await RunAsync(world, receipt);
        Assert.Equal(0, found);
        Assert.Contains("basic-submissions: the configuration has changed since: 1 submission were measured; now it is 3", text, StringComparison.Ordinal);
        Assert.DoesNotContain(World.Key, text, StringComparison.Ordinal);

        var (missing, searched, _) = await RunAsync(world, Guid.CreateVersion7().ToString("N"));
        Assert.Equal(1, missing);
        Assert.Contains("is not among the charges of this journal", searched, StringComparison.Ordinal);
        Assert.Contains("Searched: ", searched, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jobs_charge_is_found_by_the_receipt_of_its_submission_and_its_token()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);
        using var submitted = await gateway.Client.PostJsonAsync("/submissions", """{"language_id": 63, "source_code": "const end = Date.now() + 1300; while (Date.now() < end) {}"}""");
        var (receipt, token) = (submitted.Headers.GetValues("Usage-Receipt").Single(), (await submitted.JsonAsync())["token"]!.GetValue<string>());
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        JsonNode result;
        while ((result = await gateway.Client.GetJsonAsync($"/submissions/{token}"))["status"]!["id"]!.GetValue<int>() < 3) Assert.True(await deadline.TickAsync());
        var seconds = decimal.Parse(result["time"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);

        var (alone, text, _) = await RunAsync(world, receipt);
        Assert.Equal(0, alone);
        Assert.Contains("execution-time is charged by the job's result", text, StringComparison.Ordinal);

        var (exitCode, output, error) = await RunAsync(world, receipt, "--job", token, "--json");
        Assert.True(exitCode == 0, error);
        var explained = JsonNode.Parse(output)!;
        Assert.Equal(["request", "job"], explained["parts"]!.AsArray().Select(p => p!["kind"]!.ToString()));
        var charge = Assert.Single(explained["parts"]![1]!["charges"]!.AsArray())!;
        Assert.Equal(("execution-time", (long)(seconds * 1_000_000)), (charge["metric"]!.ToString(), charge["measuredMicroUnits"]!.GetValue<long>()));
        Assert.All(explained["checks"]!.AsArray(), c => Assert.Equal("agrees", c!["verdict"]!.ToString()));
    }

    [Fact]
    public async Task What_is_explained_beforehand_is_what_the_client_is_told_it_cost()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        var body = Path.Combine(world.Folder, "body.json");
        await File.WriteAllTextAsync(body, """{"language_id": 71, "source_code": "print(1)"}""", TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await RunAsync(world, "--path", "/submissions", "--query", "wait=true", "--body", body, "--json");
        Assert.True(exitCode == 0, error);
        var explained = JsonNode.Parse(output)!;
        Assert.Equal(0, (await world.LedgerAsync()).Calls("POST /v0/entitlements")); // nothing was called

        using var answer = await gateway.Client.PostAsync("/submissions?wait=true", Clients.Json(await File.ReadAllTextAsync(body, TestContext.Current.CancellationToken)), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var charging = explained["meters"]!.AsArray().Where(m => m!["charges"]!.GetValue<bool>()).ToList();
        Assert.StartsWith(
            $"{charging[0]!["metric"]}={charging[0]!["units"]}, {charging[1]!["metric"]}=", answer.Headers.GetValues("Usage-Quantity").Single(), StringComparison.Ordinal); // the time is known afterwards
    }

    private static async Task<JsonNode> WhenAcknowledgedAsync(World world, string receipt)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        while (true)
        {
            var (exitCode, output, error) = await RunAsync(world, receipt, "--json");
            Assert.True(exitCode == 0, output + error);
            var explained = JsonNode.Parse(output)!;
            if (explained["parts"]![0]!["acknowledged"]!.GetValue<bool>()) return explained;
            Assert.True(await deadline.TickAsync(), output);
        }
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(World world, params string[] arguments) =>
        GatewayCli.RunAsync(["explain", .. arguments, "--config", Path.Combine(world.Folder, "gateway.json")]);
}
