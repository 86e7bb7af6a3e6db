using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>What of the wire can be configured, and the words about it.</summary>
public sealed class ConfiguredWireTests
{
    [Fact]
    public async Task Limits_and_a_path_that_a_transform_changes_are_as_configured()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(upstream.Address);
            root["Kestrel"] = new JsonObject { ["Limits"] = new JsonObject { ["MaxRequestHeadersTotalSize"] = 70_000 } };
            root["ReverseProxy"]!["Routes"]!["languages"]!["Transforms"] = JsonNode.Parse("""[ { "PathRemovePrefix": "/languages" }, { "QueryValueParameter": "x", "Set": "1" } ]""");
        });
        upstream.Answer(WireRow.Ok);

        var answer = await RawHttp.ExchangeAsync(gateway.Address,
            $"GET /languages/a%20b?y=%2f HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {World.Key}\r\nX-Long: {new string('x', 60_000)}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        var arrived = Assert.Single(upstream.Requests);
        Assert.StartsWith("GET /a%20b?y=%2F&x=1 HTTP/1.1\r\n", arrived, StringComparison.Ordinal);
        Assert.Null(RawHttp.Header(arrived, "Authorization"));
    }

    [Fact]
    public async Task No_route_is_chosen_by_a_header_that_the_upstream_does_not_get()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(upstream.Address);
            root["ReverseProxy"]!["Routes"]!["languages"]!["Match"]!["Headers"] = JsonNode.Parse("""[ { "Name": "X-Engine", "Values": [ "small" ] } ]""");
        });
        upstream.Answer(WireRow.Ok);
        string Request(string connection) =>
            $"GET /languages HTTP/1.0\r\nHost: h\r\n{connection}X-Engine: small\r\nAuthorization: Bearer {World.Key}\r\n\r\n";

        Assert.StartsWith("HTTP/1.1 200 ", await RawHttp.ExchangeAsync(gateway.Address, Request("")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await RawHttp.ExchangeAsync(gateway.Address, Request("Connection: X-Engine\r\n")), StringComparison.Ordinal);
    }

    /// <summary>The request took a turn of the key's, whatever became of it.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("""[ { "RequestHeaderRemove": "X-Nothing" } ]""")] // by YARP's own way
    public async Task A_key_with_a_rate_is_told_it_also_where_the_upstream_does_not_answer(string? transforms)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(upstream.Address);
            foreach (var key in root["Gateway"]!["ApiKeys"]!["Static"]!.AsArray()) key!["RequestsPerSecond"] = 5;
            if (transforms is not null) root["ReverseProxy"]!["Routes"]!["languages"]!["Transforms"] = JsonNode.Parse(transforms);
        });
        upstream.Answer("no HTTP\r\n\r\n");

        var answer = await RawHttp.ExchangeAsync(
            gateway.Address, $"GET /languages HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer {World.Key}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.NotNull(RawHttp.Header(answer, "RateLimit"));
        Assert.NotNull(RawHttp.Header(answer, "RateLimit-Policy"));
    }

    [Fact]
    public void The_documentation_names_every_change_and_no_other()
    {
        var documentation = File.ReadAllText(Path.Combine(Configurations.RepositoryRoot(), "docs", "transparency.md"));
        var list = string.Concat(Changes.All.Select(c => $"- {c}\n"));

        Assert.True(documentation.Contains(list, StringComparison.Ordinal), "docs/transparency.md should have this list:\n" + list);
        Assert.All(LegalRows.All, row => Assert.True((row.Arrives ?? row.Returns) is null || row.Change is not null, row.Name));
    }
}
