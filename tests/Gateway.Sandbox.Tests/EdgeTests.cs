using System.Net.Http.Headers;

namespace Gateway.Sandbox.Tests;

public sealed class EdgeTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("sk_test_other")]
    [InlineData("sk_live_listed")]
    public async Task A_missing_unknown_or_live_key_is_refused(string? key)
    {
        await using var bench = await Bench.StartAsync(options => options with { ApiKeys = ["sk_test_sandbox", "sk_live_listed"] });
        bench.Client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        var (status, body) = await bench.ReserveAsync(1);
        Assert.Equal(401, status);
        Assert.Equal("unauthorized", body["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_body_that_is_not_valid_lists_every_bad_field()
    {
        await using var bench = await Bench.StartAsync();
        var (status, body) = await bench.PostAsync("/v0/entitlements", """{"maxUses":1001,"entitlementData":[{"quantity":-1}]}""");
        Assert.Equal(400, status);
        Assert.Equal("validation_error", body["error"]!.GetValue<string>());
        Assert.Equal(
            ["merchantId", "customerId", "maxUses", "entitlementData[0].billableMetricId", "entitlementData[0].quantity"],
            body["errors"]!.AsArray().Select(error => error!["field"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_not_valid()
    {
        await using var bench = await Bench.StartAsync();
        Assert.Equal(400, (await bench.PostAsync("/v0/usage", "{")).Status);
    }

    [Fact]
    public async Task Another_merchant_is_forbidden()
    {
        await using var bench = await Bench.StartAsync();
        var json = Bench.Usage("k1").Replace("org_sandbox", "org_other", StringComparison.Ordinal);
        Assert.Equal(403, (await bench.PostAsync("/v0/usage", json)).Status);
    }

    [Fact]
    public async Task A_dropped_answer_is_still_applied()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/sandbox/faults", """[{"operation":"POST /v0/usage","kind":"dropAfterCommit","count":1}]""");
        await Assert.ThrowsAsync<HttpRequestException>(() => bench.PostAsync("/v0/usage", Bench.Usage("k1")));
        Assert.Equal((1_000_000, 0, 99_000_000), await bench.MoneyAsync());
        Assert.Equal(201, (await bench.PostAsync("/v0/usage", Bench.Usage("k1"))).Status);
        Assert.Equal((1_000_000, 0, 99_000_000), await bench.MoneyAsync());
        Assert.Contains("\"hits\":1", (await bench.GetAsync("/sandbox/faults")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_dropped_early_is_not_applied()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/sandbox/faults", """[{"operation":"*","kind":"dropBeforeCommit"}]""");
        await Assert.ThrowsAsync<HttpRequestException>(() => bench.PostAsync("/v0/usage", Bench.Usage("k1")));
        Assert.Equal((0, 0, 100_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task A_malformed_answer_is_applied_and_is_not_json()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/sandbox/faults", """[{"operation":"POST /v0/usage","kind":"malformed"}]""");
        await Assert.ThrowsAnyAsync<System.Text.Json.JsonException>(() => bench.PostAsync("/v0/usage", Bench.Usage("k1")));
        Assert.Equal((1_000_000, 0, 99_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task A_status_fault_answers_until_its_count_is_used_up()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/sandbox/faults", """[{"operation":"*","kind":"status","status":503,"retryAfterSeconds":2,"count":1}]""");
        Assert.Equal(503, (await bench.ReserveAsync(1)).Status);
        Assert.Equal(201, (await bench.ReserveAsync(1)).Status);
    }

    [Fact]
    public async Task One_event_of_a_batch_fails_on_demand_and_can_be_sent_again()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/sandbox/faults", """[{"operation":"*","kind":"itemFailure","count":1}]""");
        var batch = $$"""{"events":[{{Bench.Usage("k1")}},{{Bench.Usage("k2")}}]}""";
        Assert.Equal(207, (await bench.PostAsync("/v0/usage/batch", batch)).Status);
        Assert.Equal(201, (await bench.PostAsync("/v0/usage/batch", batch)).Status);
        Assert.Equal((2_000_000, 0, 98_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task A_reset_goes_back_to_the_seed()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/v0/usage", Bench.Usage("k1"));
        await bench.PostAsync("/sandbox/reset", "");
        Assert.Equal((0, 0, 100_000_000), await bench.MoneyAsync());
        Assert.Equal("""{"events":[]}""", (await bench.GetAsync("/sandbox/events")).Text);
    }

    [Fact]
    public async Task The_status_page_encodes_what_callers_sent()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/sandbox/customers", """{"id":"cus_<script>k1</script>","name":"n","email":"e@x","wallet":"1.00"}""");
        var (status, text) = await bench.GetAsync("/");
        Assert.Equal(200, status);
        Assert.Contains("&lt;script&gt;k1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>k1", text, StringComparison.Ordinal);
    }
}
