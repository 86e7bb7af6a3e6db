using Gateway.Billing;

namespace Gateway.Tests.Shipping;

/// <summary>A provider that answers as a test says, accepts all unless told otherwise, and remembers what it was sent.</summary>
internal sealed class ScriptedProvider : IBillingProvider
{
    private readonly Lock _gate = new();

    public Func<IReadOnlyList<UsageEvent>, IReadOnlyList<EventResult>> Answer { get; set; } = batch => [.. batch.Select(_ => new EventResult(EventOutcome.Accepted))];

    public int Calls { get; private set; }

    public IReadOnlyList<UsageEvent> Last { get; private set; } = [];

    /// <summary>The key of each event of each call.</summary>
    public List<string> Sent { get; } = [];

    public int MaxBatch => 1000;

    public int MaxUsesPerEntitlement => 1000;

    public Task<GrantResult> GrantAsync(GrantRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<EventResult>> RecordAsync(IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Calls++;
            Last = events;
            Sent.AddRange(events.Select(e => e.IdempotencyKey));
        }

        return Task.FromResult(Answer(events));
    }
}
