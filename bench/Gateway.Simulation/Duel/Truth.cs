namespace Gateway.Simulation.Duel;

/// <summary>What really happened, whatever a rule believes: who paid for how much, and who was served how much. Units are requests.</summary>
internal sealed class Truth(int customers)
{
    private readonly long[] _paid = new long[customers];
    private readonly long[] _admitted = new long[customers];
    private readonly long[] _served = new long[customers];

    public long Arrived { get; private set; }

    /// <summary>Answered in full. What a kill cut off was answered to nobody.</summary>
    public long Served { get; private set; }

    /// <summary>Served beyond what the customer had paid for at that moment.</summary>
    public long Overspent { get; private set; }

    /// <summary>Refused for want of money while the customer had some that nobody was using.</summary>
    public long FalselyDenied { get; private set; }

    /// <summary>Refused because Redis or the provider did not answer.</summary>
    public long Unavailable { get; private set; }

    public long Paid(int customer) => _paid[customer];

    public long ServedTo(int customer) => _served[customer];

    public void TopUp(int customer, long units) => _paid[customer] += units;

    public void Arrive() => Arrived++;

    public void Admit(int customer) => _admitted[customer]++;

    public void Serve(int customer)
    {
        Served++;
        if (++_served[customer] > _paid[customer]) Overspent++;
    }

    public void Deny(int customer, bool isUnavailable)
    {
        if (isUnavailable) Unavailable++;
        else if (_admitted[customer] < _paid[customer]) FalselyDenied++;
    }
}
