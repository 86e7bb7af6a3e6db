using System.Text.Json.Nodes;

namespace Gateway.Sandbox.Tests;

public sealed class ReserveTests
{
    [Fact]
    public async Task A_reserve_takes_money_out_of_the_wallet()
    {
        await using var bench = await Bench.StartAsync();
        var (status, body) = await bench.ReserveAsync(10, 3);
        Assert.Equal(201, status);
        Assert.StartsWith("ent_", body["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("10000000", body["remainingBalance"]!.GetValue<string>());
        Assert.Equal(3, body["maxUses"]!.GetValue<int>());
        Assert.Equal("global", body["region"]!.GetValue<string>());
        Assert.Equal((0, 10_000_000, 90_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task Usage_takes_from_the_reserve_and_frees_the_rest_after_the_last_use()
    {
        await using var bench = await Bench.StartAsync();
        var id = Id(await bench.ReserveAsync(10));
        Assert.Equal(201, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", 4, id))).Status);
        Assert.Equal((4_000_000, 0, 96_000_000), await bench.MoneyAsync());
        var row = (await bench.LedgerAsync())["customers"]![0]!["entitlements"]![0]!;
        Assert.Equal("used", row["status"]!.GetValue<string>());
        Assert.Equal(4, row["unitsUsed"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_other_prefix_names_the_same_entitlement()
    {
        await using var bench = await Bench.StartAsync();
        var id = "com_" + Id(await bench.ReserveAsync(10, 2))[4..];
        Assert.Equal(201, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", 4, id))).Status);
        Assert.Equal((4_000_000, 6_000_000, 90_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task Usage_above_the_reserve_takes_the_rest_from_the_wallet()
    {
        await using var bench = await Bench.StartAsync();
        var id = Id(await bench.ReserveAsync(2, 5));
        Assert.Equal(201, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", 6, id))).Status);
        Assert.Equal((6_000_000, 0, 94_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task An_expired_reserve_goes_back_to_the_wallet_and_refuses_usage()
    {
        await using var bench = await Bench.StartAsync();
        var id = Id(await bench.ReserveAsync(10));
        bench.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal((0, 0, 100_000_000), await bench.MoneyAsync());
        var (status, body) = await bench.PostAsync("/v0/usage", Bench.Usage("k1", 1, id));
        Assert.Equal(400, status);
        Assert.Equal("ENTITLEMENT_EXPIRED", body["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Usage_beyond_the_last_use_comes_from_the_wallet()
    {
        await using var bench = await Bench.StartAsync();
        var id = Id(await bench.ReserveAsync(10));
        await bench.PostAsync("/v0/usage", Bench.Usage("k1", 1, id));
        Assert.Equal(201, (await bench.PostAsync("/v0/usage", Bench.Usage("k2", 1, id))).Status);
        Assert.Equal((2_000_000, 0, 98_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task Usage_beyond_the_last_use_is_refused_when_strict()
    {
        await using var bench = await Bench.StartAsync(options => options with { StrictUses = true });
        var id = Id(await bench.ReserveAsync(10));
        await bench.PostAsync("/v0/usage", Bench.Usage("k1", 1, id));
        Assert.Equal(400, (await bench.PostAsync("/v0/usage", Bench.Usage("k2", 1, id))).Status);
    }

    [Fact]
    public async Task A_reserve_above_the_wallet_is_refused_and_changes_nothing()
    {
        await using var bench = await Bench.StartAsync();
        var (status, body) = await bench.ReserveAsync(101);
        Assert.Equal(403, status);
        Assert.Equal("forbidden", body["error"]!.GetValue<string>());
        Assert.Equal("INSUFFICIENT_FUNDS", body["code"]!.GetValue<string>());
        Assert.True(body.AsObject().ContainsKey("details"));
        Assert.Equal((0, 0, 100_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task Concurrent_reserves_never_overdraw()
    {
        await using var bench = await Bench.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => bench.ReserveAsync(3)));
        Assert.Equal(33, answers.Count(answer => answer.Status == 201));
        Assert.Equal((0, 99_000_000, 1_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task Another_customers_entitlement_and_an_uncovered_metric_are_refused()
    {
        await using var bench = await Bench.StartAsync();
        var id = Id(await bench.ReserveAsync(10, 5));
        var added = await bench.PostAsync(
            "/sandbox/customers", """{"id":"cus_other","name":"Other","email":"other@example.com","wallet":"1"}""");
        Assert.Equal(201, added.Status);
        Assert.Equal(403, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", 1, id, customer: "cus_other"))).Status);
        Assert.Equal(400, (await bench.PostAsync("/v0/usage", Bench.Usage("k2", 1, id, "bm_premium"))).Status);
    }

    [Fact]
    public async Task Unknown_customers_and_metrics_are_not_found()
    {
        await using var bench = await Bench.StartAsync();
        Assert.Equal(404, (await bench.ReserveAsync(1, customer: "cus_nobody")).Status);
        Assert.Equal(404, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", metric: "bm_none"))).Status);
    }

    private static string Id((int Status, JsonNode Body) answer) => answer.Body["id"]!.GetValue<string>();
}
