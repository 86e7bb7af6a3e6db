using Gateway.Journal;
using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>
/// Units and uses of one entitlement that this process may spend without asking anybody. Lock-free: both live in one 64-bit word,
/// so that no reader ever sees the one without the other.
/// </summary>
/// <remarks>
/// Invariant: taken - returned + left = granted, for units and for uses, until <see cref="TrySurrender"/>; after it nothing can be taken.
/// </remarks>
internal sealed class Lease
{
    /// <summary>Most units a lease can have: what fits beside the uses in 64 bits.</summary>
    public const long MaxUnits = (1L << UnitBits) - 1;

    public const int MaxUses = (1 << UseBits) - 1;

    private const int UnitBits = 50;
    private const int UseBits = 13;
    private const long Surrendered = -1;

    // Flat, for there may be a million of them: see AccountMemoryTests.
    private readonly EntitlementId _entitlement;
    private readonly PoolEpoch _epoch;
    private readonly long _expiresAtTicks;
    private readonly long _granted;
    private readonly int _segment;
    private readonly int _offset;
    private readonly Instant _closes;
    private readonly Instant _ends;
    private long _left;
    private long _charged;
    private volatile bool _isClosed;

    /// <param name="id">Its operation id at the pool.</param>
    /// <param name="granted">What the pool gave.</param>
    /// <param name="closes">Nothing is reserved from here on: the longest request and its report still have to fit in before the end.</param>
    /// <param name="ends">The entitlement's end: nothing is charged from here on.</param>
    public Lease(Guid id, PooledUnits granted, Instant closes, Instant ends)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(granted.Units);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(granted.Units, MaxUnits);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(granted.Uses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(granted.Uses, MaxUses);
        Id = id;
        _entitlement = granted.Entitlement;
        _epoch = PoolEpoch.Parse(granted.Epoch);
        _expiresAtTicks = granted.ExpiresAt.UtcTicks;
        (_closes, _ends) = (closes, ends);
        _granted = _left = Pack(granted.Units, granted.Uses);
    }

    public Guid Id { get; }

    public PooledUnits Granted => new(_entitlement, _epoch.ToString(), Units(_granted), Uses(_granted), ExpiresAt);

    public EntitlementId Entitlement => _entitlement;

    public long UnitsGranted => Units(_granted);

    public int UsesGranted => Uses(_granted);

    /// <summary>When the entitlement ends, by the pool's clock.</summary>
    public DateTimeOffset ExpiresAt => new(_expiresAtTicks, TimeSpan.Zero);

    /// <summary>Where the journal has this lease; what it holds from there on is needed to know the lease's rest.</summary>
    public JournalPosition TakenAt
    {
        get => new(_segment, _offset);
        init => (_segment, _offset) = (checked((int)value.Segment), value.Offset);
    }

    public long UnitsLeft => Volatile.Read(ref _left) is var left and >= 0 ? Units(left) : 0;

    public int UsesLeft => Volatile.Read(ref _left) is var left and >= 0 ? Uses(left) : 0;

    public long UnitsCharged => Units(Volatile.Read(ref _charged));

    public int UsesCharged => Uses(Volatile.Read(ref _charged));

    /// <summary>Nothing can be reserved now: all of it is held or charged, or it was surrendered, or its end is too near.</summary>
    public bool IsSpent(in Instant now)
    {
        var left = Volatile.Read(ref _left);
        return left < 0 || Units(left) == 0 || Uses(left) == 0 || IsClosed(now);
    }

    public bool IsClosed(in Instant now) => _isClosed || now.HasReached(_closes);

    public bool HasEnded(in Instant now) => now.HasReached(_ends);

    /// <summary>Nothing more can ever be reserved, whatever is put back: every unit, or every use, is charged.</summary>
    public bool IsFinished => UnitsCharged == UnitsGranted || UsesCharged == UsesGranted;

    /// <summary>Nothing more is reserved. Requests that hold something of it go on; then the rest goes back to the pool.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Books units that were taken, and one use, as charged. The journal has them first.</summary>
    public void Charge(long units)
    {
        var charged = Interlocked.Add(ref _charged, Pack(units, 1));
        if (Units(charged) > UnitsGranted || Uses(charged) > UsesGranted)
            throw new InvalidOperationException($"Lease {Id:N}: more was charged than was ever granted.");
    }

    /// <summary>Takes up to <paramref name="units"/> units for one request, and the use that its usage event will need.</summary>
    /// <returns>The units taken; 0 when there are none, and then no use is taken either.</returns>
    public long TakeForRequest(long units, in Instant now)
    {
        if (IsClosed(now)) return 0;
        return TakeUpTo(units, uses: 1);
    }

    /// <summary>Takes up to <paramref name="units"/> more units for a request that already has a use of this lease.</summary>
    public long TakeMore(long units) => TakeUpTo(units, uses: 0);

    /// <summary>Puts back what a request did not need.</summary>
    public void Return(long units, int uses)
    {
        if (units == 0 && uses == 0) return; // of most requests: what is held is charged
        var seen = Volatile.Read(ref _left);
        while (true)
        {
            if (seen == Surrendered)
            {
                // Nothing was held when the lease was surrendered, so there is nothing that could come back.
                throw new InvalidOperationException($"Lease {Id:N}: {units} units came back after it was surrendered.");
            }

            var next = Pack(Units(seen) + units, Uses(seen) + uses);
            if (Units(next) > UnitsGranted || Uses(next) > UsesGranted)
                throw new InvalidOperationException($"Lease {Id:N}: more was returned than was ever granted.");
            var was = Interlocked.CompareExchange(ref _left, next, seen);
            if (was == seen) return;
            seen = was;
        }
    }

    /// <summary>Ends the lease and says what was left, unless a request holds something of it. Only the first caller gets an answer.</summary>
    public bool TrySurrender(out long units, out int uses)
    {
        (units, uses) = (0, 0);
        var left = Volatile.Read(ref _left);
        var charged = Volatile.Read(ref _charged);
        if (left < 0 || left + charged != _granted) return false;
        if (Interlocked.CompareExchange(ref _left, Surrendered, left) != left) return false;
        (units, uses) = (Units(left), Uses(left));
        return true;
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
