namespace Gateway.Sandbox.Tests;

public sealed class UsageTests
{
    [Fact]
    public async Task Usage_without_an_entitlement_debits_the_wallet_until_it_is_empty()
    {
        await using var bench = await Bench.StartAsync();
        Assert.Equal(201, (await bench.PostAsync("/v0/usage", Bench.Usage("k1", 100))).Status);
        var (status, body) = await bench.PostAsync("/v0/usage", Bench.Usage("k2"));
        Assert.Equal(403, status);
        Assert.Equal("INSUFFICIENT_FUNDS", body["code"]!.GetValue<string>());
        Assert.Equal((100_000_000, 0, 0), await bench.MoneyAsync());
        Assert.Equal(1, (await bench.LedgerAsync())["refusedEvents"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_repeated_key_answers_the_same_and_charges_once()
    {
        await using var bench = await Bench.StartAsync();
        var first = await bench.PostAsync("/v0/usage", Bench.Usage("k1", 2));
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await bench.PostAsync("/v0/usage", Bench.Usage("k1", 2));
        Assert.Equal(201, second.Status);
        Assert.Equal(first.Body.ToJsonString(), second.Body.ToJsonString());
        Assert.Equal((2_000_000, 0, 98_000_000), await bench.MoneyAsync());
        var ledger = await bench.LedgerAsync();
        Assert.Equal(1, ledger["duplicates"]!.GetValue<int>());
        Assert.Equal(0, ledger["conflictingDuplicates"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_repeated_key_answers_the_same_after_the_event_is_forgotten()
    {
        await using var bench = await Bench.StartAsync(options => options with { KeepEvents = 1 });
        var first = await bench.PostAsync("/v0/usage", Bench.Usage("k1", 2));
        await bench.PostAsync("/v0/usage", Bench.Usage("k2"));
        var again = await bench.PostAsync("/v0/usage", Bench.Usage("k1", 2));
        Assert.Equal(first.Body.ToJsonString(), again.Body.ToJsonString());
        Assert.Equal((3_000_000, 0, 97_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task A_repeated_key_with_other_content_is_counted_as_a_conflict()
    {
        await using var bench = await Bench.StartAsync();
        await bench.PostAsync("/v0/usage", Bench.Usage("k1", 2));
        var (status, body) = await bench.PostAsync("/v0/usage", Bench.Usage("k1", 3));
        Assert.Equal(201, status);
        Assert.Equal(2, body["properties"]![0]!["quantity"]!.GetValue<int>());
        var ledger = await bench.LedgerAsync();
        Assert.Equal(1, ledger["duplicates"]!.GetValue<int>());
        Assert.Equal(1, ledger["conflictingDuplicates"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_same_key_sent_at_once_is_charged_once()
    {
        await using var bench = await Bench.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => bench.PostAsync("/v0/usage", Bench.Usage("k1"))));
        Assert.All(answers, answer => Assert.Equal(201, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body["id"]!.GetValue<string>()).Distinct());
        Assert.Equal((1_000_000, 0, 99_000_000), await bench.MoneyAsync());
    }

    [Fact]
    public async Task A_batch_with_a_bad_item_answers_207_and_names_it()
    {
        await using var bench = await Bench.StartAsync();
        var batch = $$"""{"events":[{{Bench.Usage("k1")}},{{Bench.Usage("k2", 0)}},{{Bench.Usage("k3")}}]}""";
        var (status, body) = await bench.PostAsync("/v0/usage/batch", batch);
        Assert.Equal(207, status);
        Assert.Equal("batchUsageEvents", body["object"]!.GetValue<string>());
        Assert.Equal(2, body["successful"]!.AsArray().Count);
        Assert.Equal(1, body["failed"]![0]!["index"]!.GetValue<int>());
        Assert.Equal("k2", body["failed"]![0]!["idempotencyKey"]!.GetValue<string>());
        Assert.Equal("""{"total":3,"successful":2,"failed":1}""", body["summary"]!.ToJsonString());
    }

    [Fact]
    public async Task A_batch_of_good_events_answers_201_and_lists_them_in_order()
    {
        await using var bench = await Bench.StartAsync();
        var batch = $$"""{"events":[{{Bench.Usage("k1")}},{{Bench.Usage("k2")}}]}""";
        Assert.Equal(201, (await bench.PostAsync("/v0/usage/batch", batch)).Status);
        var (_, text) = await bench.GetAsync("/sandbox/events?customerId=cus_demo&limit=10");
        Assert.True(text.IndexOf("k1", StringComparison.Ordinal) < text.IndexOf("k2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_batch_takes_1_to_1000_events(int count)
    {
        await using var bench = await Bench.StartAsync();
        var events = string.Join(',', Enumerable.Range(0, count).Select(number => Bench.Usage($"k{number}")));
        Assert.Equal(400, (await bench.PostAsync("/v0/usage/batch", $$"""{"events":[{{events}}]}""")).Status);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("null")]
    [InlineData("\"1\"")]
    public async Task A_quantity_that_is_not_a_positive_integer_is_not_valid(string quantity)
    {
        await using var bench = await Bench.StartAsync();
        var json = Bench.Usage("k1", 7).Replace("\"quantity\":7", $"\"quantity\":{quantity}", StringComparison.Ordinal);
        var (status, body) = await bench.PostAsync("/v0/usage", json);
        Assert.Equal(400, status);
        Assert.Equal("properties[0].quantity", body["errors"]![0]!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_event_can_be_read_back_with_its_nulls()
    {
        await using var bench = await Bench.StartAsync();
        var (_, body) = await bench.PostAsync("/v0/usage", Bench.Usage("k1"));
        Assert.All(["billing", "refund", "description", "consumerId"], name => Assert.True(body.AsObject().ContainsKey(name)));
        var (status, text) = await bench.GetAsync($"/v0/usage/{body["id"]}");
        Assert.Equal(200, status);
        Assert.Equal(body.ToJsonString(), System.Text.Json.Nodes.JsonNode.Parse(text)!.ToJsonString());
        Assert.Equal(404, (await bench.GetAsync("/v0/usage/usg_none")).Status);
    }
}
