using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>Answers that go on: charged in slices while they run, cut when the funds end, told why.</summary>
public sealed class RunningAnswerTests
{
    private const long Slice = 200;

    [Theory]
    [InlineData(Protocol.Http1)]
    [InlineData(Protocol.Http2)]
    [InlineData(Protocol.WebSocket)]
    [InlineData(Protocol.GrpcStreaming)]
    [InlineData(Protocol.EventStream)]
    public async Task A_long_answer_is_charged_in_slices_and_in_all_no_more_than_its_time_and_one_request(Protocol protocol)
    {
        await using var world = await OutcomeWorld.StartAsync();
        using var client = new OutcomeClient(world, new OutcomeRow(protocol, Ending.Ok, "", ""), "slices", "finish");
        var began = TimeProvider.System.GetTimestamp();
        await client.BeginAsync();
        var running = TimeProvider.System.GetTimestamp();
        var request = world.Held().Single(id => !IsSlice(id));

        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (!world.Settled().Any(s => s.RequestId == SliceId.Of(request, 3))) Assert.True(await deadline.TickAsync());
        var atLeast = TimeProvider.System.GetElapsedTime(running).TotalMilliseconds;
        client.Release();
        await client.ReadToEndAsync();
        var last = await world.EndOfAsync(request);
        var atMost = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;

        var slices = world.Settled().Where(s => IsSlice(s.RequestId)).ToList();
        Assert.Equal(Enumerable.Range(1, slices.Count).Select(n => SliceId.Of(request, n)), slices.Select(s => s.RequestId));
        Assert.All(slices, s => Assert.True(Units(s, "milliseconds") >= Slice && Units(s, "basic-submissions") == 0));
        Assert.Equal((1L, Outcome.Answered), (Units(last!.Value, "basic-submissions"), last.Value.Outcome));
        Assert.InRange(slices.Append(last.Value).Sum(s => Units(s, "milliseconds")), atLeast - 1, atMost + 1);
        Assert.DoesNotContain(slices.Append(last.Value).SelectMany(s => s.Charges.ToArray()), c => c.Entitlement is null);
    }

    [Theory]
    [InlineData(Protocol.Http1, null)]
    [InlineData(Protocol.Http2, "urn:metering-gateway:problem:no-funds")]
    [InlineData(Protocol.WebSocket, "1008 urn:metering-gateway:problem:no-funds")]
    [InlineData(Protocol.GrpcStreaming, "8")]
    [InlineData(Protocol.EventStream, "event: error\ndata: {\"type\":\"urn:metering-gateway:problem:no-funds\"")]
    public async Task When_the_funds_end_the_answer_ends_with_a_reason_and_nothing_is_charged_that_was_not_set_aside(Protocol protocol, string? reason)
    {
        await using var world = await OutcomeWorld.StartAsync(wallet: "0.10"); // 10 submissions at 0.001, and what is left in milliseconds at 0.0001
        using var client = new OutcomeClient(world, new OutcomeRow(protocol, Ending.Drain, "", ""), "slices");
        await client.BeginAsync();
        var request = world.Held().Single(id => !IsSlice(id));
        var broken = await Record.ExceptionAsync(client.ReadToEndAsync);

        var last = (await world.EndOfAsync(request))!.Value;
        Assert.Equal(Outcome.FundsEnded, last.Outcome);
        if (reason is null) Assert.True(broken is IOException or HttpRequestException, $"{broken}"); // chunks have no place for a reason
        else Assert.Contains(reason, client.Reason, StringComparison.Ordinal);
        var all = world.Settled().ToList();
        Assert.Equal(1, all.Sum(s => Units(s, "basic-submissions")));
        Assert.InRange(all.Sum(s => Units(s, "milliseconds")), Slice, 1_000);
        Assert.DoesNotContain(all.SelectMany(s => s.Charges.ToArray()), c => c.Entitlement is null);
    }

    /// <summary>The middle one of five: a machine that is busy with other tests has its moments.</summary>
    [Fact]
    public async Task It_ends_within_a_quarter_of_a_second()
    {
        var late = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            await using var world = await OutcomeWorld.StartAsync(wallet: "0.10");
            using var client = new OutcomeClient(world, new OutcomeRow(Protocol.EventStream, Ending.Drain, "", ""), "slices");
            var began = TimeProvider.System.GetTimestamp();
            await client.BeginAsync();
            await client.ReadToEndAsync();
            var lasted = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
            late.Add(lasted - world.Settled().Sum(s => Units(s, "milliseconds")));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"Late by {string.Join(", ", late.Select(l => $"{l:0}"))} ms.");
        Assert.InRange(late.Order().ElementAt(2), 0, 250);
    }

    [Theory]
    [InlineData(Protocol.Http2, "urn:metering-gateway:problem:shutting-down")]
    [InlineData(Protocol.WebSocket, "1001 urn:metering-gateway:problem:shutting-down")]
    [InlineData(Protocol.GrpcStreaming, "14")]
    [InlineData(Protocol.EventStream, "event: error\ndata: {\"type\":\"urn:metering-gateway:problem:shutting-down\"")]
    public async Task A_gateway_that_stops_says_so_to_those_that_are_still_there(Protocol protocol, string reason)
    {
        await using var world = await OutcomeWorld.StartAsync(shutdownSeconds: 2);
        using var client = new OutcomeClient(world, new OutcomeRow(protocol, Ending.Drain, "", ""), "default");
        await client.BeginAsync();
        var end = client.ReadToEndAsync();

        await world.StopAsync();
        await end;

        Assert.Contains(reason, client.Reason, StringComparison.Ordinal);
    }

    /// <summary>The next slice is asked for, billing does not answer, and the route allows what is not decided: then the upstream is done.</summary>
    [Theory]
    [InlineData(Protocol.Http1)]
    [InlineData(Protocol.Http2)]
    [InlineData(Protocol.EventStream)]
    public async Task An_answer_that_ends_while_billing_is_asked_for_more_comes_whole(Protocol protocol)
    {
        await using var world = await OutcomeWorld.StartAsync(edit: root =>
        {
            root["Gateway"]!["Reservations"] = new JsonObject { ["MinBatch"] = 1 };
            root["Gateway"]!["Routes"]![$"{(protocol == Protocol.Http2 ? "h2" : "h1")}-slices"]!["WhenUnavailable"] = "Allow";
            root["Gateway"]!["Routes"]![$"{(protocol == Protocol.Http2 ? "h2" : "h1")}-slices"]!["AllowanceUnits"] = 100_000;
        });
        using var client = new OutcomeClient(world, new OutcomeRow(protocol, Ending.Ok, "", ""), "slices", "finish");
        await client.BeginAsync();
        await world.FaultAsync(new { operation = "POST /v0/entitlements", kind = "hang" });
        var request = world.Held().First(id => !IsSlice(id));

        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (await world.FaultHitsAsync() == 0) Assert.True(await deadline.TickAsync());
        var (charged, since) = (-1, TimeProvider.System.GetTimestamp());
        while (TimeProvider.System.GetElapsedTime(since).TotalMilliseconds < 3 * Slice) // nothing more is charged: what was set aside is used up
        {
            Assert.True(await deadline.TickAsync());
            if (world.Settled().Count() == charged) continue;
            (charged, since) = (world.Settled().Count(), TimeProvider.System.GetTimestamp());
        }

        client.Release();
        await client.ReadToEndAsync();

        var last = (await world.EndOfAsync(request))!.Value;
        Assert.Equal(Outcome.Answered, last.Outcome);
        if (protocol == Protocol.EventStream) Assert.DoesNotContain("event: error", client.Reason, StringComparison.Ordinal);
    }

    /// <summary>Ids made by rules have version 8; requests have 7.</summary>
    private static bool IsSlice(Guid id) => id.Version == 8;

    private static long Units(Settlement settlement, string metric) => settlement.Charges.ToArray().Where(c => c.Metric.Value == metric).Sum(c => c.Units);
}
