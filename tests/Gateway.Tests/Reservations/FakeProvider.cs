using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Tests.Reservations;

/// <summary>A billing provider with a wallet in units. Each answer can be replaced.</summary>
internal sealed class FakeProvider(long wallet) : IBillingProvider
{
    private int _grants;

    public long Wallet { get; set; } = wallet;

    public List<GrantRequest> Asked { get; } = [];

    public Func<GrantRequest, Task<GrantResult>>? Answer { get; set; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    public int MaxBatch => 1000;

    public int MaxUsesPerEntitlement => 1000;

    public Task<GrantResult> GrantAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            Asked.Add(request);
            if (Answer is not null) return Answer(request);
            if (request.Units > Wallet) return Task.FromResult(new GrantResult(GrantOutcome.NoFunds));
            Wallet -= request.Units;
            return Task.FromResult(new GrantResult(GrantOutcome.Granted, new Entitlement(
                new EntitlementId($"ent_{++_grants}"), request.Units, request.Uses, Lifetime)));
        }
    }

    public Task<IReadOnlyList<EventResult>> RecordAsync(IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
