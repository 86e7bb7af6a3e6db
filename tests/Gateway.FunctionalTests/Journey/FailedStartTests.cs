using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>What <c>validate</c> can not see, for it depends on the machine or is for ASP.NET Core to judge.</summary>
public sealed class FailedStartTests
{
    [Theory]
    [InlineData("""{ "Urls": "http://192.0.2.1:8080" }""", "must be the machine's own")] // kept for documentation: no machine has it
    [InlineData("""{ "Urls": "https://127.0.0.1:0" }""", "Kestrel:Certificates:Default")]
    [InlineData("""{ "Kestrel": { "Limits": { "MaxConcurrentConnections": "many" } } }""", "Kestrel:Limits:MaxConcurrentConnections")]
    [InlineData("""{ "Kestrel": { "Limits": { "MaxConcurrentConnections": 0 } } }""", "must be null or a positive number")]
    [InlineData("""{ "Kestrel": { "Certificates": { "Default": { "Path": "nowhere.pem" } } }, "Urls": "https://127.0.0.1:0" }""", "nowhere.pem")]
    public async Task A_start_that_fails_is_told_in_one_line_and_ends_with_1(string settings, string told)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var path = world.WriteConfiguration(root =>
        {
            foreach (var (name, value) in JsonNode.Parse(settings)!.AsObject()) root[name] = value!.DeepClone();
        });

        var (exitCode, _, error) = await GatewayCli.RunAsync(new DirectoryInfo(world.Folder), "serve", "--config", path);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The gateway could not start. ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_the_file_is_told_as_it_was_when_it_was_read()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var path = world.WriteConfiguration(root => root["Gateway"]!["Shiping"] = "x");

        var (invalid, _, findings) = await GatewayCli.RunAsync("serve", "--config", path);
        var (unreadable, _, finding) = await GatewayCli.RunAsync("serve", "--config", path + ".other");

        Assert.Equal((1, "$.Gateway.Shiping: unknown key 'Shiping'; did you mean 'Shipping'?\n"), (invalid, findings));
        Assert.Equal(2, unreadable);
        Assert.Contains("gateway.json.other cannot be read", finding, StringComparison.Ordinal);
    }
}
