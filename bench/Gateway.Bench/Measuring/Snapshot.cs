using Gateway.Bench.Arms;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Measuring;

/// <summary>All that is counted of an arm, at one instant.</summary>
internal sealed record Snapshot(CpuTime Proxy, CpuTime Redis, CpuTime Billing, RuntimeFigures? Runtime, Counts Counts)
{
    public double TotalCpu => Proxy.Total + Redis.Total + Billing.Total;

    public static async Task<Snapshot> TakeAsync(RunningArm arm, CancellationToken stop)
    {
        if (arm.Processes.FirstOrDefault(p => !p.IsRunning) is { } dead) throw new ChildFailedException($"A {dead.Role} process of {arm.Name} has ended.\n{dead.Output}");
        RuntimeFigures? runtime = null;
        foreach (var process in arm.Proxies)
        {
            if (await RuntimeFigures.ReadAsync(process, stop) is { } figures) runtime = (runtime ?? default) + figures;
        }

        return new Snapshot(Cpu(arm, Role.Proxy), Cpu(arm, Role.Redis), Cpu(arm, Role.Billing), runtime, await arm.CountAsync(stop));
    }

    private static CpuTime Cpu(RunningArm arm, Role role) => arm.Processes.Where(p => p.Role == role).Select(ProcessClock.Cpu).Aggregate(default(CpuTime), (sum, one) => sum + one);
}
