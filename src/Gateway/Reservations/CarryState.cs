using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>An account's fraction of a unit, changed by many requests at once without a lock.</summary>
/// <remarks>Fraction (21 bits, for it can be one and another) and version (42 bits) share a word, so that the journal can tell which of two marks is the later one.</remarks>
internal struct CarryState(CarryMark initial)
{
    private const int FractionBits = 21;
    private const long FractionMask = (1L << FractionBits) - 1;
    private const int MicroUnitsPerUnit = 1_000_000;
    private const int MaxMicroUnits = 2 * MicroUnitsPerUnit;

    private readonly long _initial = Pack(initial);
    private long _packed = Pack(initial);

    public CarryMark Mark => Unpack(Volatile.Read(ref _packed));

    /// <summary>Whether the journal has, or may have, marks of this account.</summary>
    public bool IsKnown => Volatile.Read(ref _packed) != _initial;

    public (long Units, CarryMark Carry) Accumulate(long microUnits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(microUnits);
        var seen = Volatile.Read(ref _packed);
        while (true)
        {
            var before = Unpack(seen);
            var (units, fraction) = Math.DivRem(before.MicroUnits + microUnits, MicroUnitsPerUnit);
            var after = new CarryMark((int)fraction, before.Version + 1);
            var was = Interlocked.CompareExchange(ref _packed, Pack(after), seen);
            if (was == seen) return (units, after);
            seen = was;
        }
    }

    /// <summary>
    /// What was accumulated, and led to <paramref name="mark"/>, is not charged after all, and neither are the whole units that came of it: the fraction is
    /// what it would be without. Where others have used it up meanwhile it is none.
    /// </summary>
    public void TakeBack(long microUnits, CarryMark mark)
    {
        var fraction = microUnits % MicroUnitsPerUnit;
        var change = fraction > mark.MicroUnits ? MicroUnitsPerUnit - fraction : -fraction;
        var seen = Volatile.Read(ref _packed);
        while (true)
        {
            var before = Unpack(seen);
            var after = new CarryMark((int)Math.Clamp(before.MicroUnits + change, 0, MaxMicroUnits - 1), before.Version + 1);
            var was = Interlocked.CompareExchange(ref _packed, Pack(after), seen);
            if (was == seen) return;
            seen = was;
        }
    }

    /// <summary>Adds a fraction that another node put away. A whole unit that comes of it is charged with the next request.</summary>
    public CarryMark TakeOver(int microUnits)
    {
        var seen = Volatile.Read(ref _packed);
        while (true)
        {
            var before = Unpack(seen);
            var after = new CarryMark(before.MicroUnits + microUnits, before.Version + 1);
            if (after.MicroUnits >= MaxMicroUnits) throw new InvalidOperationException("A fraction was given to an account that had been given one.");
            var was = Interlocked.CompareExchange(ref _packed, Pack(after), seen);
            if (was == seen) return after;
            seen = was;
        }
    }

    private static long Pack(CarryMark mark) => (mark.Version << FractionBits) | (uint)mark.MicroUnits;

    private static CarryMark Unpack(long packed) => new((int)(packed & FractionMask), packed >> FractionBits);
}
