using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>The control: YARP as its documentation begins, logging warnings only, with everything else as the SDK has it.</summary>
/// <param name="name">Of the arm.</param>
/// <param name="routes">How many it has, each with a path of its own; 1: one for all paths.</param>
internal sealed class YarpArm(string name = ArmCatalog.Control, int routes = 1) : IArm
{
    public string Name => name;

    public string Description => "YARP 2.3 as its documentation begins, the SDK's defaults (server GC), log level Warning; meters nothing: the control";

    public IReadOnlyList<string> Missing => [];

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var address = Ports.FreeAddress();
        var folder = world.Folder.Folder(string.Create(CultureInfo.InvariantCulture, $"yarp-{address.Port}"));
        await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), Settings(world).ToJsonString(), stop);
        var process = started.Start(Role.Proxy, Launch.Dotnet("Gateway.Bench.Yarp", "--urls", address.ToString()) with { WorkingDirectory = folder });
        await Until.ListensAsync(address.Port, process, stop);
        return new RunningArm(Name, new Target([address], new RequestPlan(ProxyJson.Paths(routes, world), [Traffic.Key]))).Owns(started.HandOver());
    }

    private JsonObject Settings(ArmWorld world)
    {
        var settings = new JsonObject
        {
            ["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Default"] = "Warning" } },
            ["AllowedHosts"] = "*",
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = ProxyJson.Routes(routes),
                ["Clusters"] = ProxyJson.Clusters(world.Upstream),
            },
        };
        if (world.IsHttp2) settings["Kestrel"] = ProxyJson.Http2Only();
        return settings;
    }
}
