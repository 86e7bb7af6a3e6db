using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Reservations;

/// <summary>What this process knows of one customer and one metric: its leases, nearest expiry first, and the fraction carried.</summary>
internal sealed class Account(AccountId id, CarryMark carry)
{
    private readonly Lock _change = new();
    private Lease[] _leases = [];
    private readonly CarryState _carry = new(carry);

    public AccountId Id { get; } = id;

    /// <summary>The leases as they are now; a snapshot that later changes do not touch.</summary>
    public ReadOnlySpan<Lease> Leases => Volatile.Read(ref _leases);

    public Refill Refill { get; } = new();

    public CarryMark Carry => _carry.Mark;

    /// <summary>
    /// Adds holds of together <paramref name="units"/> units for <paramref name="meter"/> to <paramref name="holds"/>, out of as many leases as it takes,
    /// nearest expiry first; or adds none and changes nothing.
    /// </summary>
    public bool TryReserve(Meter meter, long units, long nowTicks, List<Hold> holds)
    {
        var first = holds.Count;
        var missing = units;
        foreach (var lease in Leases)
        {
            var taken = lease.TakeForRequest(missing, nowTicks);
            if (taken == 0) continue;
            holds.Add(new Hold(this, meter, lease, taken));
            missing -= taken;
            if (missing == 0) return true;
        }

        for (var i = holds.Count - 1; i >= first; i--)
        {
            // A lease surrendered between the take and this return loses these units until the entitlement expires: surrendering happens at
            // shutdown only, after the last request.
            holds[i].Lease.TryReturn(holds[i].Units, uses: 1);
            holds.RemoveAt(i);
        }

        return false;
    }

    /// <summary>Units that could be reserved at this moment.</summary>
    public long Available(long nowTicks)
    {
        var sum = 0L;
        foreach (var lease in Leases)
        {
            if (!lease.IsSpent(nowTicks)) sum += lease.UnitsLeft;
        }

        return sum;
    }

    /// <summary>Adds a lease and drops those that nothing can come back to: charged in full, or past their entitlement's expiry.</summary>
    public void Add(Lease lease, DateTimeOffset now)
    {
        lock (_change)
        {
            var kept = _leases.Where(l => l.ExpiresAt > now && !l.IsFinished);
            Volatile.Write(ref _leases, [.. kept.Append(lease).OrderBy(l => l.ExpiresAt).ThenBy(l => l.Id)]);
        }
    }

    /// <summary>Adds measured <paramref name="microUnits"/> to the carried fraction and takes the whole units out of it.</summary>
    public (long Units, CarryMark Carry) Accumulate(long microUnits) => _carry.Accumulate(microUnits);
}
