using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Reservations;

/// <summary>What this process knows of one customer and one metric: its leases, nearest expiry first, and the fraction carried.</summary>
/// <remarks>
/// Invariant: units leased = left in the leases + held by requests + charged + returned + expired. <see cref="Figures"/> works out what is held
/// from the others and asserts that it is not negative.
/// </remarks>
internal sealed class Account(AccountId id, CarryMark carry)
{
    private static readonly Mishaps None = new();

    private CarryState _carry = new(carry); // not readonly: it changes in place
    private Lease[] _leases = [];
    private long _leased;
    private long _charged;
    private long _returned;
    private Mishaps? _mishaps;
    private int _pins;
    private int _retired;

    public AccountId Id { get; } = id;

    /// <summary>The leases as they are now; a snapshot that later changes do not touch.</summary>
    public ReadOnlySpan<Lease> Leases => Volatile.Read(ref _leases);

    public Refill Refill { get; } = new();

    public CarryMark Carry => _carry.Mark;

    /// <inheritdoc cref="CarryState.IsKnown"/>
    public bool HasCarried => _carry.IsKnown;

    /// <summary>Units charged since this process met the account, covered or not.</summary>
    public long Consumed => Interlocked.Read(ref _charged) + (_mishaps?.Uncovered ?? 0);

    /// <summary>Units served on allowance in the present outage.</summary>
    public long Allowed => _mishaps?.Allowed ?? 0;

    /// <summary>Made at the first mishap.</summary>
    public Mishaps Mishaps => LazyInitializer.EnsureInitialized(ref _mishaps);

    /// <summary>
    /// Of use to <see cref="IdleAccounts"/> only: a hash of how the account looked at its last pass, and since when it looks so, in ms that begin anew every
    /// 49 days; 0 before the first pass.
    /// </summary>
    public (int State, uint SinceMs) LastSeen { get; set; }

    /// <summary>
    /// Adds holds of together <paramref name="units"/> units for <paramref name="meter"/> to <paramref name="holds"/>, out of as many leases as it takes,
    /// nearest expiry first; or adds none and changes nothing.
    /// </summary>
    public bool TryReserve(Meter meter, long units, in Instant now, List<Hold> holds)
    {
        var first = holds.Count;
        var missing = units;
        foreach (var lease in Leases)
        {
            var taken = lease.TakeForRequest(missing, now);
            if (taken == 0) continue;
            holds.Add(new Hold(this, meter, lease, taken));
            missing -= taken;
            if (missing == 0) return true;
        }

        for (var i = holds.Count - 1; i >= first; i--)
        {
            holds[i].Release();
            holds.RemoveAt(i);
        }

        return false;
    }

    /// <summary>Serves a request that nothing could be reserved for, within <paramref name="limit"/> units per outage. The account stays until <see cref="GiveBack"/>.</summary>
    public bool TryAllow(long units, long limit)
    {
        if (limit == 0) return false;
        ref var allowed = ref Mishaps.Allowed;
        var seen = Interlocked.Read(ref allowed);
        while (units <= limit - seen)
        {
            var was = Interlocked.CompareExchange(ref allowed, seen + units, seen);
            if (was == seen)
            {
                Interlocked.Increment(ref _pins);
                return true;
            }

            seen = was;
        }

        return false;
    }

    /// <summary>A request served on allowance has ended; <paramref name="unused"/> units of it were not needed.</summary>
    public void GiveBack(long unused)
    {
        ref var allowed = ref Mishaps.Allowed;
        var seen = Interlocked.Read(ref allowed);
        while (unused > 0)
        {
            // The outage that it was for may have ended, and with it the count.
            var was = Interlocked.CompareExchange(ref allowed, Math.Max(0, seen - unused), seen);
            if (was == seen) break;
            seen = was;
        }

        Unpin();
    }

    /// <summary>The provider has answered again, for better or worse: the next outage has an allowance of its own.</summary>
    public void EndOutage()
    {
        if (_mishaps is { } mishaps) Interlocked.Exchange(ref mishaps.Allowed, 0);
    }

    /// <summary>The provider answered: the next ambiguous answer is the first in a row.</summary>
    public void Answered() => _mishaps?.Answered();

    public void Freeze(long units) => Interlocked.Add(ref Mishaps.Frozen, units);

    /// <summary>Units that could be reserved at this moment.</summary>
    public long Available(in Instant now)
    {
        var sum = 0L;
        foreach (var lease in Leases)
        {
            if (!lease.IsSpent(now)) sum += lease.UnitsLeft;
        }

        return sum;
    }

    public void Add(Lease lease)
    {
        Interlocked.Add(ref _leased, lease.UnitsGranted);
        var seen = Volatile.Read(ref _leases);
        while (true)
        {
            Lease[] next = [.. seen.Append(lease).OrderBy(l => l.ExpiresAt)];
            var was = Interlocked.CompareExchange(ref _leases, next, seen);
            if (ReferenceEquals(was, seen)) return;
            seen = was;
        }
    }

    /// <summary>Takes leases out that were surrendered: <paramref name="returned"/> to the pool, or not, for they have ended.</summary>
    public void Drop(Lease lease, long units, bool returned)
    {
        if (returned) Interlocked.Add(ref _returned, units);
        else if (units > 0) Interlocked.Add(ref Mishaps.Expired, units);
        var seen = Volatile.Read(ref _leases);
        while (true)
        {
            var was = Interlocked.CompareExchange(ref _leases, [.. seen.Where(l => l != lease)], seen);
            if (ReferenceEquals(was, seen)) return;
            seen = was;
        }
    }

    /// <summary>Takes out the leases of which everything is charged.</summary>
    public void DropFinished()
    {
        foreach (var lease in Leases)
        {
            if (lease.IsFinished && lease.UnitsLeft == 0 && lease.TrySurrender(out var units, out _)) Drop(lease, units, returned: false);
        }
    }

    /// <summary>The pool did not take what was given up: it had ended, or is of another epoch.</summary>
    public void NotReturned(long units)
    {
        Interlocked.Add(ref _returned, -units);
        Interlocked.Add(ref Mishaps.Expired, units);
    }

    public void Charged(long units, bool covered)
    {
        if (covered) Interlocked.Add(ref _charged, units);
        else if (units > 0) Interlocked.Add(ref Mishaps.Uncovered, units);
    }

    /// <summary>Adds measured <paramref name="microUnits"/> to the carried fraction and takes the whole units out of it.</summary>
    public (long Units, CarryMark Carry) Accumulate(long microUnits) => _carry.Accumulate(microUnits);

    /// <inheritdoc cref="CarryState.TakeBack"/>
    public void TakeBack(long microUnits, CarryMark mark) => _carry.TakeBack(microUnits, mark);

    /// <summary>Takes over the fraction that came with a lease.</summary>
    public CarryMark TakeOver(int microUnits) => _carry.TakeOver(microUnits);

    /// <summary>While pinned the account is not retired. False when it just has been: there is, or will be, another one in the table.</summary>
    public bool TryPin()
    {
        Interlocked.Increment(ref _pins);
        if (Volatile.Read(ref _retired) == 0) return true;
        Unpin();
        return false;
    }

    public void Unpin() => Interlocked.Decrement(ref _pins);

    /// <summary>
    /// Whether nobody works with the account; then nobody new gets to. Its leases must be surrendered next, and where one can not be, for a
    /// request holds something of it, <see cref="Revive"/> be called.
    /// </summary>
    public bool TryRetire()
    {
        if (Interlocked.CompareExchange(ref _retired, 1, 0) != 0) return false;
        if (Volatile.Read(ref _pins) == 0 && Allowed == 0) return true;
        Revive();
        return false;
    }

    public void Revive() => Volatile.Write(ref _retired, 0);

    public AccountFigures Figures()
    {
        long left = 0;
        foreach (var lease in Leases) left += lease.UnitsLeft;
        var (leased, charged) = (Interlocked.Read(ref _leased), Interlocked.Read(ref _charged));
        var (returned, mishaps) = (Interlocked.Read(ref _returned), _mishaps ?? None);

        // Read one after the other while requests run, so what is held is exact only at rest.
        var held = Math.Max(0, leased - left - charged - returned - mishaps.Expired);
        return new AccountFigures(
            Id, Leases.Length, leased, left, held, charged, mishaps.Uncovered, returned, mishaps.Expired, mishaps.Frozen, mishaps.Allowed);
    }
}

/// <summary>An account at this node since it met it. Units.</summary>
/// <param name="Leases">Leases open.</param>
/// <param name="Leased">Taken from the pool, in all.</param>
/// <param name="Left">Of it: can be reserved.</param>
/// <param name="Held">Of it: held by requests that run.</param>
/// <param name="Charged">Of it: charged.</param>
/// <param name="Uncovered">Charged besides, with no entitlement to pay for it.</param>
/// <param name="Returned">Of it: gone back to the pool, or on the way.</param>
/// <param name="Expired">Of it: not used when the entitlement ended, left without uses, or not taken back by a pool that was lost or moved.</param>
/// <param name="Frozen">Never leased: set aside at the provider, or perhaps so, and never made it into the pool.</param>
/// <param name="Allowed">Served on allowance in the present outage.</param>
internal readonly record struct AccountFigures(
    AccountId Id, int Leases, long Leased, long Left, long Held, long Charged, long Uncovered, long Returned, long Expired, long Frozen, long Allowed);
