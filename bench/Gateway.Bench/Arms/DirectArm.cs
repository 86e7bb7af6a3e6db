using Gateway.Bench.Load;

namespace Gateway.Bench.Arms;

/// <summary>Nothing in between: what load and upstream are able to.</summary>
internal sealed class DirectArm : IArm
{
    public string Name => "direct";

    public string Description => "the upstream asked directly";

    public IReadOnlyList<string> Missing => [];

    public Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop) =>
        Task.FromResult(new RunningArm(Name, new Target([world.Upstream], new RequestPlan(world.Paths, [Traffic.Key]))));
}
