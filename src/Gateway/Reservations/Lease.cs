using Gateway.Journal;
using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>
/// Units and uses of one entitlement that this process may spend without asking anybody. Lock-free: both live in one 64-bit word,
/// so that no reader ever sees the one without the other.
/// </summary>
/// <remarks>
/// Invariant: taken - returned + left = granted, for units and for uses, until <see cref="Surrender"/>; after it nothing can be taken or returned.
/// </remarks>
internal sealed class Lease
{
    /// <summary>Most units a lease can have: what fits beside the uses in 64 bits.</summary>
    public const long MaxUnits = (1L << UnitBits) - 1;

    public const int MaxUses = (1 << UseBits) - 1;

    private const int UnitBits = 50;
    private const int UseBits = 13;
    private const long Surrendered = -1;

    private long _left;
    private long _charged;

    public Lease(Guid id, EntitlementId entitlement, long units, int uses, DateTimeOffset expiresAt, TimeSpan margin)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(units, MaxUnits);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(uses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uses, MaxUses);
        Id = id;
        Entitlement = entitlement;
        GrantedUnits = units;
        GrantedUses = uses;
        ExpiresAt = expiresAt;
        _deadlineTicks = (expiresAt - margin).UtcTicks;
        _left = Pack(units, uses);
    }

    private readonly long _deadlineTicks;

    public Guid Id { get; }

    public EntitlementId Entitlement { get; }

    public long GrantedUnits { get; }

    public int GrantedUses { get; }

    /// <summary>When the entitlement ends at the provider. Nothing is reserved from the lease for a margin before that.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Where the journal has this lease; what it holds from there on is needed to know the lease's rest.</summary>
    public JournalPosition TakenAt { get; init; }

    public long UnitsLeft => Volatile.Read(ref _left) is var left and >= 0 ? Units(left) : 0;

    public int UsesLeft => Volatile.Read(ref _left) is var left and >= 0 ? Uses(left) : 0;

    public long UnitsCharged => Units(Volatile.Read(ref _charged));

    public int UsesCharged => Uses(Volatile.Read(ref _charged));

    /// <summary>Nothing can be reserved now: all of it is held or charged, or it was surrendered, or its end is too near.</summary>
    public bool IsSpent(long nowTicks)
    {
        var left = Volatile.Read(ref _left);
        return left < 0 || Units(left) == 0 || Uses(left) == 0 || nowTicks >= _deadlineTicks;
    }

    /// <summary>A restart would still have to know of it.</summary>
    public bool IsOpen(DateTimeOffset now) => Volatile.Read(ref _left) >= 0 && !IsFinished && now < ExpiresAt;

    /// <summary>Nothing will ever come back: every unit, or every use, is charged.</summary>
    public bool IsFinished => UnitsCharged == GrantedUnits || UsesCharged == GrantedUses;

    /// <summary>Books units that were taken, and one use, as charged. The journal has them first.</summary>
    public void Charge(long units)
    {
        var charged = Interlocked.Add(ref _charged, Pack(units, 1));
        if (Units(charged) > GrantedUnits || Uses(charged) > GrantedUses)
            throw new InvalidOperationException($"Lease {Id:N}: more was charged than was ever granted.");
    }

    /// <summary>Takes up to <paramref name="units"/> units for one request, and the use that its usage event will need.</summary>
    /// <returns>The units taken; 0 when there are none, and then no use is taken either.</returns>
    public long TakeForRequest(long units, long nowTicks)
    {
        if (nowTicks >= _deadlineTicks) return 0;
        return TakeUpTo(units, uses: 1);
    }

    /// <summary>Takes up to <paramref name="units"/> more units for a request that already has a use of this lease.</summary>
    public long TakeMore(long units) => TakeUpTo(units, uses: 0);

    /// <summary>Puts back what a request did not need.</summary>
    /// <returns>False when the lease was surrendered meanwhile: the caller returns it to the pool instead.</returns>
    public bool TryReturn(long units, int uses)
    {
        var seen = Volatile.Read(ref _left);
        while (seen >= 0)
        {
            var next = Pack(Units(seen) + units, Uses(seen) + uses);
            if (Units(next) > GrantedUnits || Uses(next) > GrantedUses)
                throw new InvalidOperationException($"Lease {Id:N}: more was returned than was ever granted.");
            var was = Interlocked.CompareExchange(ref _left, next, seen);
            if (was == seen) return true;
            seen = was;
        }

        return false;
    }

    /// <summary>Ends the lease and says what was left. The second caller gets nothing.</summary>
    public (long Units, int Uses) Surrender()
    {
        var left = Interlocked.Exchange(ref _left, Surrendered);
        return left < 0 ? (0, 0) : (Units(left), Uses(left));
    }

    private long TakeUpTo(long units, int uses)
    {
        var seen = Volatile.Read(ref _left);
        while (seen >= 0)
        {
            var taken = Math.Min(units, Units(seen));
            if (taken <= 0 || Uses(seen) < uses) return 0;
            var was = Interlocked.CompareExchange(ref _left, Pack(Units(seen) - taken, Uses(seen) - uses), seen);
            if (was == seen) return taken;
            seen = was;
        }

        return 0;
    }

    private static long Pack(long units, int uses) => ((long)uses << UnitBits) | units;

    private static long Units(long packed) => packed & MaxUnits;

    private static int Uses(long packed) => (int)(packed >> UnitBits);
}
