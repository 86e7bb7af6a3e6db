using Gateway.Simulation.Faults;
using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Duel;

/// <summary>What the nodes of the four other rules share.</summary>
internal sealed class DuelWorld(World world, Network network, FaultPlan faults, Truth truth, SharedCounters redis, Platform platform)
{
    private static readonly TimeSpan RedisLatency = TimeSpan.FromMilliseconds(0.3);
    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PlatformLatency = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan PlatformTimeout = TimeSpan.FromSeconds(10);

    public Truth Truth => truth;

    public Clock Clock { get; } = new(world);

    public Process NewProcess() => new(world);

    public Task<T> RedisAsync<T>(Func<SharedCounters, T> call) =>
        network.CallAsync(() => Task.FromResult(call(redis)), RedisLatency, RedisTimeout, () => faults.PoolIsAway, canRepeat: false);

    public Task<T> PlatformAsync<T>(Func<Platform, T> call) =>
        network.CallAsync(() => Task.FromResult(call(platform)), PlatformLatency, PlatformTimeout, () => faults.ProviderIsAway, canRepeat: false);
}
