namespace Gateway.Sandbox.Money;

/// <summary>One customer's money. Whoever calls holds the customer's lock.</summary>
/// <remarks>Invariant: deposited = charged + reserved + free, and none is negative.</remarks>
internal sealed class Wallet
{
    public long Deposited { get; private set; }

    public long Charged { get; private set; }

    public long Reserved { get; private set; }

    public long Free { get; private set; }

    public void Deposit(long amount)
    {
        Deposited += amount;
        Free += amount;
        Check();
    }

    public bool TryReserve(long amount)
    {
        if (amount > Free) return false;
        Free -= amount;
        Reserved += amount;
        Check();
        return true;
    }

    public void Release(long amount)
    {
        Reserved -= amount;
        Free += amount;
        Check();
    }

    /// <summary>Charges, out of what is reserved and out of what is free; all or nothing.</summary>
    public bool TryCharge(long fromReserved, long fromFree)
    {
        if (fromFree > Free) return false;
        Reserved -= fromReserved;
        Free -= fromFree;
        Charged += fromReserved + fromFree;
        Check();
        return true;
    }

    public void Refund(long amount)
    {
        Charged -= amount;
        Free += amount;
        Check();
    }

    public void Check()
    {
        if (Deposited != Charged + Reserved + Free || Charged < 0 || Reserved < 0 || Free < 0)
            throw new InvalidOperationException($"The wallet does not add up: {Deposited} ≠ {Charged} + {Reserved} + {Free}.");
    }
}
