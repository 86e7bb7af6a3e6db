using Gateway.Billing;
using Gateway.Model;
using Gateway.Simulation.Model;
using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Faults;

/// <summary>The provider as a node sees it: over the network, with its timeouts.</summary>
internal sealed class RemoteProvider(World world, Network network, FaultPlan faults, ProviderModel provider) : IBillingProvider
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(40);
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public int MaxBatch => 1000;

    public int MaxUsesPerEntitlement => ProviderModel.MaxUses;

    public async Task<GrantResult> GrantAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        if (faults.Refusals > 0 && world.Dice.NextDouble() < faults.Refusals) return new GrantResult(GrantOutcome.Refused, Reason: "400");
        provider.Asking(request, 1);
        try
        {
            return await network.CallAsync(
                () => Task.FromResult(provider.Grant(request)), Latency, Timeout, () => faults.ProviderIsAway, canRepeat: false);
        }
        catch (TimeoutException)
        {
            return new GrantResult(GrantOutcome.Ambiguous, Reason: "timed out");
        }
        finally
        {
            provider.Asking(request, -1);
        }
    }

    /// <summary>Throws when it did not get through: the same again later.</summary>
    public Task RecordAsync(IReadOnlyList<(Settlement Settled, DateTimeOffset TrulyAt)> settlements) => network.CallAsync(
        () =>
        {
            provider.BatchArrived();
            foreach (var (settled, trulyAt) in settlements) provider.Record(settled, trulyAt);
            return Task.FromResult(true);
        },
        Latency, Timeout, () => faults.ProviderIsAway, canRepeat: true);

    public Task<IReadOnlyList<EventResult>> RecordAsync(IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The simulated node ships settlements, so that the oracle learns their leases.");
}
