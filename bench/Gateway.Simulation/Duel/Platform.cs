namespace Gateway.Simulation.Duel;

/// <summary>The billing side as the four other rules use it: a balance that reports are taken off. It has no idea of what it was told twice.</summary>
internal sealed class Platform(Truth truth, int customers)
{
    private readonly long[] _billed = new long[customers];

    public long Calls { get; private set; }

    public long Billed(int customer) => _billed[customer];

    public long Balance(int customer)
    {
        Calls++;
        return truth.Paid(customer) - _billed[customer];
    }

    /// <summary>Takes usage off the balance and says whether anything is left.</summary>
    public bool Report(int customer, long units)
    {
        Calls++;
        _billed[customer] += units;
        return _billed[customer] < truth.Paid(customer);
    }
}
