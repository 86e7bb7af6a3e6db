using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Bench.Load;
using Gateway.Bench.Measuring;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>The built gateway, one process for each node, with a sandbox of its own and, when asked for, a real Redis.</summary>
internal sealed class GatewayArm(string name, string description, GatewaySetup setup) : IArm
{
    private static readonly HttpClient Http = new() { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", GatewayConfig.AdminToken) } };

    public string Name { get; } = name;

    public string Description { get; } = description;

    public GatewaySetup Setup { get; } = setup;

    public GatewayArm With(string itsName, GatewaySetup itsSetup) => new(itsName, Description, itsSetup);

    public IReadOnlyList<string> Missing => Setup.IsRedisExternal && Programs.Find(RedisProcess.Program) is null ? [RedisProcess.Program] : [];

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var sandbox = await SandboxProcess.StartAsync(started, world, customers: Setup.AreIssued ? 1 : Setup.Keys, TimeSpan.Zero, stop);
        var redis = Setup.IsRedisExternal ? await RedisProcess.StartAsync(started, world, stop) : null;
        var keys = Setup.AreIssued ? await IssuedKeys.WriteAsync(redis!, Setup.Keys, stop) : Traffic.Keys(Setup.Keys);
        var nodes = new List<Node>();
        for (var i = 0; i < Setup.Nodes; i++) nodes.Add(await StartNodeAsync(started, world, sandbox, redis, stop));
        var target = new Target([.. nodes.Select(n => n.Address)], new RequestPlan(ProxyJson.Paths(Setup.Routes, world), keys));
        return new RunningArm(Name, target)
        {
            CountAsync = cancellation => CountAsync(nodes, sandbox, cancellation),
            ReportedAsync = sandbox.ReportedAsync,
        }.Owns(started.HandOver());
    }

    private async Task<Node> StartNodeAsync(StartedSoFar started, ArmWorld world, SandboxProcess sandbox, RedisProcess? redis, CancellationToken stop)
    {
        var (address, admin) = (Ports.FreeAddress(), Ports.FreeAddress());
        var data = world.Folder.Folder(string.Create(CultureInfo.InvariantCulture, $"gateway-{address.Port}"));
        var config = world.Folder.File(
            string.Create(CultureInfo.InvariantCulture, $"gateway-{address.Port}.json"),
            new GatewayConfig(Setup, world).Write(address, admin, data, sandbox.Address, redis?.Connection).ToJsonString());
        var process = started.Start(Role.Proxy, Launch.Dotnet("Gateway", Setup.Folder, Setup.Environment, "--config", config));
        try
        {
            await Until.AnswersAsync(new Uri(admin, "/readyz"), process, stop);
            await Until.ListensAsync(address.Port, process, stop);
        }
        catch (ChildFailedException) when (Setup.Mode is not null && !process.IsRunning)
        {
            // It says what is wrong with its configuration, as validate does: an option that this build does not know. The other arms can go on.
            throw new ArmRefusedException($"{Name}: the gateway refuses its configuration. {process.Output}");
        }

        return new Node(address, admin, Path.Combine(data, "journal"));
    }

    private static async Task<Counts> CountAsync(List<Node> nodes, SandboxProcess sandbox, CancellationToken stop)
    {
        var redisCalls = 0L;
        foreach (var node in nodes) redisCalls += (long)(await Http.GetFromJsonAsync<JsonNode>(new Uri(node.Admin, "/state"), stop))!["poolCalls"]!;
        return new Counts(await sandbox.CallsAsync(stop), redisCalls, nodes.Sum(n => JournalPosition.Of(n.Journal)));
    }

    private sealed record Node(Uri Address, Uri Admin, string Journal);
}
