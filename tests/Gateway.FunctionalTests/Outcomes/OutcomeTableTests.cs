using System.Text;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>Each way in which a request can end, over each protocol, on real sockets: what the gateway takes it for and what it costs.</summary>
public sealed class OutcomeTableTests
{
    public static TheoryData<Protocol> Protocols { get; } = new(Enum.GetValues<Protocol>());

    [Theory, MemberData(nameof(Protocols))]
    public async Task Every_way_of_ending_costs_what_the_table_says(Protocol protocol)
    {
        await using var world = await OutcomeWorld.StartAsync();
        await world.HasFundsAtHandAsync();
        foreach (var row in OutcomeRow.All.Where(r => r.Protocol == protocol && r.Ending != Ending.Drain))
        {
            await AssertAsync(world, row, "default", row.Charge);
            await AssertAsync(world, row, "measured", row.Charge == "Full" && row.Ending == Ending.Ok ? "Full" : row.Outcome == nameof(Outcome.Answered) ? row.Charge : "Measured");
        }
    }

    /// <summary>Nobody but the upstream may want to write such an answer, so it takes a way of its own.</summary>
    [Theory]
    [InlineData(Protocol.Http1)]
    [InlineData(Protocol.Http2)]
    public async Task A_client_that_stops_reading_pays_in_full_also_where_nothing_grows(Protocol protocol)
    {
        await using var world = await OutcomeWorld.StartAsync();
        await world.HasFundsAtHandAsync();
        await AssertAsync(world, OutcomeRow.All.Single(r => r.Protocol == protocol && r.Ending == Ending.ClientStalls), "flat", "Full");
    }

    [Fact]
    public async Task Who_is_still_there_when_the_gateways_time_is_over_pays_what_the_table_says()
    {
        await using var world = await OutcomeWorld.StartAsync(shutdownSeconds: 2);
        var clients = new List<(OutcomeRow Row, string Policy, OutcomeClient Client, Guid Id)>();
        foreach (var row in OutcomeRow.All.Where(r => r.Ending == Ending.Drain))
        {
            foreach (var (policy, charge) in new[] { ("default", row.Charge), ("measured", "Measured") })
            {
                var client = new OutcomeClient(world, row, policy);
                var before = world.Held().ToHashSet();
                await client.BeginAsync();
                clients.Add((row, charge, client, world.Held().Except(before).Single()));
            }
        }

        var ends = clients.Select(async c =>
        {
            try
            {
                await c.Client.ReadToEndAsync();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or System.Net.WebSockets.WebSocketException)
            {
                // broken off
            }
        }).ToList();
        await world.StopAsync();
        await Task.WhenAll(ends);
        foreach (var (row, charge, client, id) in clients)
        {
            AssertCharge(row, charge, await world.EndOfAsync(id));
            client.Dispose();
        }
    }

    [Fact]
    public void The_table_in_the_documentation_is_this_one()
    {
        var table = new StringBuilder("| what happens | ").AppendJoin(" | ", Enum.GetValues<Protocol>().Select(p => OutcomeRow.All.First(r => r.Protocol == p).Speaks)).Append(" | `Billable` |\n");
        table.Append("| --- | ").AppendJoin(" | ", Enum.GetValues<Protocol>().Select(_ => "---")).Append(" | --- |\n");
        foreach (var rows in OutcomeRow.All.GroupBy(r => r.Ending))
        {
            var setting = rows.First().Outcome == nameof(Outcome.Answered) ? "Statuses" : rows.First().Outcome;
            table.Append("| ").Append(rows.First().Happens).Append(" | ").AppendJoin(" | ", rows.Select(r => r.Charge == "Full" ? "full" : "nothing")).Append(" | `").Append(setting).Append("` |\n");
        }

        var documentation = File.ReadAllText(Path.Combine(Configurations.RepositoryRoot(), "docs", "charges.md"));
        Assert.True(documentation.Contains(table.ToString(), StringComparison.Ordinal), "docs/charges.md should have this table:\n" + table);
    }

    private static async Task AssertAsync(OutcomeWorld world, OutcomeRow row, string policy, string charge)
    {
        using var client = new OutcomeClient(world, row, policy);
        var before = world.Held().ToHashSet();
        await client.RunAsync();
        var held = world.Held().Except(before).ToList();
        Assert.True(held.Count == 1, $"{row} {policy}: {held.Count} requests reached the reservation");
        AssertCharge(row, charge, await world.EndOfAsync(held[0]));
    }

    private static void AssertCharge(OutcomeRow row, string charge, Settlement? settlement)
    {
        var units = settlement?.Charges.ToArray().GroupBy(c => c.Metric.Value).ToDictionary(g => g.Key, g => g.Sum(c => c.Units)) ?? [];
        var (requests, milliseconds) = (units.GetValueOrDefault("basic-submissions"), units.GetValueOrDefault("milliseconds"));
        var actual = requests > 0 ? "Full" : milliseconds > 0 ? "Measured" : "Nothing";
        if (settlement is { } ended) Assert.True(row.Outcome == ended.Outcome.ToString(), $"{row} is {row.Outcome}; it was taken for {ended.Outcome}");
        Assert.True(charge == actual, $"{row} should cost {charge}; it cost {requests} requests and {milliseconds} ms as {settlement?.Outcome} with status {settlement?.StatusCode}");
    }
}
