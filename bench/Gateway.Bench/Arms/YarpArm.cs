using System.Text.Json.Nodes;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>The control: YARP as its documentation begins, logging warnings only, with everything else as the SDK has it.</summary>
internal sealed class YarpArm : IArm
{
    public string Name => "yarp";

    public string Description => "YARP 2.3 as its documentation begins, the SDK's defaults (server GC), log level Warning; meters nothing: the control";

    public IReadOnlyList<string> Missing => [];

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var address = Ports.FreeAddress();
        var folder = world.Folder.Folder("yarp");
        await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), Settings(world).ToJsonString(), stop);
        var process = started.Start(Role.Proxy, Launch.Dotnet("Gateway.Bench.Yarp", "--urls", address.ToString()) with { WorkingDirectory = folder });
        await Until.ListensAsync(address.Port, process, stop);
        return new RunningArm(Name, new Target([address], new RequestPlan(world.Paths, [Traffic.Key]))).Owns(started.HandOver());
    }

    private static JsonObject Settings(ArmWorld world)
    {
        var settings = new JsonObject
        {
            ["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Default"] = "Warning" } },
            ["AllowedHosts"] = "*",
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = new JsonObject { ["api"] = new JsonObject { ["ClusterId"] = "api", ["Match"] = new JsonObject { ["Path"] = "/{**path}" } } },
                ["Clusters"] = ProxyJson.Clusters(world.Upstream),
            },
        };
        if (world.IsHttp2) settings["Kestrel"] = ProxyJson.Http2Only();
        return settings;
    }
}
