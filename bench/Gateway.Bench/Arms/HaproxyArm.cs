using System.Globalization;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

internal sealed class HaproxyArm : IArm
{
    public string Name => "haproxy";

    public string Description => "haproxy with its default threads, connections to the upstream shared; meters nothing";

    public IReadOnlyList<string> Missing => Programs.Find("haproxy") is null ? ["haproxy"] : [];

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var address = Ports.FreeAddress();
        var config = world.Folder.File("haproxy.cfg", string.Create(CultureInfo.InvariantCulture, $"""
            global
              maxconn 9000
            defaults
              mode http
              timeout connect 10s
              timeout client 1h
              timeout server 1h
              http-reuse always
            frontend clients
              bind 127.0.0.1:{address.Port}{(world.IsHttp2 ? " proto h2" : "")}
              default_backend api
            backend api
              server one {world.Upstream.Authority}

            """));
        var process = started.Start(Role.Proxy, new Launch(Programs.Find("haproxy")!, ["-db", "-f", config]));
        await Until.ListensAsync(address.Port, process, stop);
        return new RunningArm(Name, new Target([address], new RequestPlan(world.Paths, [Traffic.Key]))).Owns(started.HandOver());
    }
}
