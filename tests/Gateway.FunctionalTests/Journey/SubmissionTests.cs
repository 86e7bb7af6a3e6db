using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>Client → gateway → code runner → sandbox, on real ports, with the configuration that users get.</summary>
public sealed class SubmissionTests
{
    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    [Fact]
    public async Task A_metric_that_two_meters_charge_stands_in_the_receipt_once_with_the_sum()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root => root["Gateway"]!["Routes"]!["submissions"] = JsonNode.Parse("""
            { "Meters": [
              { "Metric": "basic-submissions" }, { "Metric": "premium-submissions" },
              { "Metric": "basic-submissions", "Source": "Constant", "Units": 2, "When": { "Body": { "$.language_id": [ 63 ] } } } ] }
            """));

        using var answer = await gateway.Client.SubmitAsync("console.log(1)");

        Assert.Equal(["basic-submissions=3, premium-submissions=1"], answer.Headers.GetValues("Usage-Quantity"));
        Assert.Equal(2, answer.Headers.GetValues("Usage-Remaining").Single().Split(',').Length);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_program_runs_and_one_event_per_metric_is_charged_within_two_seconds(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync();

        using var answer = await gateway.Client.SubmitAsync("console.log('sum', 1 + Number(stdin))", stdin: "41");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var result = (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
        Assert.Equal("sum 42\n", result["stdout"]!.GetValue<string>());
        Assert.Equal("Accepted", result["status"]!["description"]!.GetValue<string>());

        var ledger = await world.LedgerWhenAsync(l => l.Events("bm_basic") > 0, TimeSpan.FromSeconds(2));
        Assert.Equal(1, ledger.Events("bm_basic"));
        Assert.Equal(1, ledger.Quantity("bm_basic"));
        Assert.Equal(0, ledger.Events("bm_premium"));
        Assert.Equal(World.BasicPrice, ledger.Charged);

        var usage = Assert.Single(await world.EventsAsync())!;
        Assert.Contains(ledger.Entitlements, e => e["id"]!.GetValue<string>() == usage["entitlementId"]!.GetValue<string>()
            && e["billableMetricId"]!.GetValue<string>() == "bm_basic");
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), usage["metadata"]!["requestId"]!.GetValue<string>());
        Assert.Equal("submissions", usage["metadata"]!["route"]!.GetValue<string>());
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Execution_time_is_charged_in_whole_seconds_and_the_fraction_is_carried(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync();

        for (var i = 0; i < 3; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("const end = Date.now() + 700; while (Date.now() < end);");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        // 3 × 0.7 s and a little: two whole seconds, the rest is carried.
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_execution_time") >= 2 && l.Events("bm_basic") == 3);
        Assert.Equal(2, ledger.Quantity("bm_execution_time"));
        Assert.Equal(3, ledger.Quantity("bm_basic"));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_premium_language_costs_the_premium_price(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync();

        using var answer = await gateway.Client.SubmitAsync("console.log(1)", language: 163);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var ledger = await world.LedgerWhenAsync(l => l.Events("bm_premium") > 0);
        Assert.Equal((1, 0), (ledger.Quantity("bm_premium"), ledger.Quantity("bm_basic")));
        Assert.Equal(5 * World.BasicPrice, ledger.Charged);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_wrong_key_is_refused_and_the_runner_is_not_called(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync();
        using var stranger = Clients.For(gateway.Address, "a_key_that_nobody_was_ever_given");

        using var answer = await stranger.SubmitAsync("console.log(1)");

        await Problem.AssertAsync(answer, HttpStatusCode.Unauthorized, "key-unknown");
        Assert.Equal(0, await world.RunnerReceivedAsync());
        Assert.Equal(0, (await world.LedgerAsync()).Calls("POST /v0/entitlements"));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task An_empty_wallet_is_refused_with_what_is_missing_and_the_runner_is_not_called(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis, wallet: "0.00");
        await using var gateway = await world.StartGatewayAsync(root =>
            root["Gateway"]!["Paygentic"]!["PaymentUrl"] = "https://pay.example/top-up");

        using var answer = await gateway.Client.SubmitAsync("console.log(1)");

        var problem = await Problem.AssertAsync(answer, HttpStatusCode.PaymentRequired, "no-funds");
        Assert.Equal("basic-submissions", problem["missing"]!["metric"]!.GetValue<string>());
        Assert.Equal(1, problem["missing"]!["quantity"]!.GetValue<long>());
        Assert.Equal("https://pay.example/top-up", problem["paymentUrl"]!.GetValue<string>());
        Assert.Equal(0, await world.RunnerReceivedAsync());
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task An_upstream_that_is_down_charges_nothing_and_the_hold_comes_back(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync();
        await world.StopRunnerAsync();

        for (var i = 0; i < 30; i++) // three times what one lease holds: were holds lost, this would need new entitlements
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            await Problem.AssertAsync(answer, HttpStatusCode.BadGateway, "upstream-unavailable");
        }

        await gateway.StopAsync();
        var ledger = await world.LedgerAsync();
        Assert.Equal(0, ledger.Charged);
        Assert.Equal(2, ledger.Calls("POST /v0/entitlements"));
        Assert.Empty(await world.EventsAsync());
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_thousand_at_once_with_funds_for_five_hundred_forwards_and_charges_five_hundred(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis, wallet: "0.50");
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            return answer.StatusCode;
        }));

        Assert.Equal(500, answers.Count(s => s == HttpStatusCode.Created));
        Assert.Equal(500, answers.Count(s => s == HttpStatusCode.PaymentRequired));
        Assert.Equal(500, await world.RunnerReceivedAsync());
        var ledger = await world.LedgerWhenAsync(l => l.Events("bm_basic") >= 500);
        Assert.Equal((500, 500 * World.BasicPrice, 0), (ledger.Quantity("bm_basic"), ledger.Charged, ledger.Free));
        Assert.All(ledger.Entitlements, e => Assert.True(e["unitsUsed"]!.GetValue<long>() <= e["quantity"]!.GetValue<long>()));
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task Unspent_leases_go_back_at_shutdown_and_the_next_start_spends_them(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        for (var run = 0; run < 3; run++)
        {
            await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") == 3);
        Assert.Equal((3, 1), (ledger.Quantity("bm_basic"), ledger.Calls("POST /v0/entitlements")));
    }
}
