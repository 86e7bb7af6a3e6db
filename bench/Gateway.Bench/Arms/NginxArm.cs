using System.Globalization;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

internal sealed class NginxArm : IArm
{
    public string Name => "nginx";

    public string Description => "nginx, proxy_pass with connections kept, a worker for each processor; meters nothing";

    public IReadOnlyList<string> Missing => Programs.Find("nginx") is null ? ["nginx"] : [];

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var address = Ports.FreeAddress();
        var process = started.Start(Role.Proxy, NginxConfig.Launch(Programs.Find("nginx")!, world.Folder, Name, workers: null, string.Create(CultureInfo.InvariantCulture, $$"""
            {{NginxConfig.Upstream(world.Upstream)}}
            server {
              listen 127.0.0.1:{{address.Port}} {{(world.IsHttp2 ? "http2" : "")}} backlog=4096;
              location / { {{NginxConfig.Forward}} }
            }
            """)));
        await Until.ListensAsync(address.Port, process, stop);
        return new RunningArm(Name, new Target([address], new RequestPlan(world.Paths, [Traffic.Key]))).Owns(started.HandOver());
    }
}
