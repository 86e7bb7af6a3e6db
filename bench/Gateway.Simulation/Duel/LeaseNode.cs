using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Gateway.Reservations;

namespace Gateway.Simulation.Duel;

/// <summary>Ours: the real reservation stage, settlement, journal and recovery, with default options.</summary>
internal sealed class LeaseNode(Node node, Truth truth) : IContender
{
    private static readonly Meter PerRequest = new(0, new Metric(new MetricName("basic"), "basic", "unit", Rounding.Ceiling), new RequestCount(), 1, null, false);

    public static AccountId Account(int customer) => new(new CustomerId($"cus_{customer}"), PerRequest.Metric.Name);

    public void Start() => node.Start();

    public void Kill() => node.Kill();

    public void Handle(int customer, TimeSpan upstream) => node.Request(Account(customer).Customer, [PerRequest], upstream, billable: true, outcome =>
    {
        if (outcome == ReserveOutcome.Held) truth.Admit(customer);
        else truth.Deny(customer, outcome == ReserveOutcome.Unavailable);
    }, () => truth.Serve(customer));

    public void Drain() => node.Drain();
}
