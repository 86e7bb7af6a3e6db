using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>An account's fraction of a unit, changed by many requests at once without a lock.</summary>
/// <remarks>Fraction (20 bits) and version (43 bits) share a word, so that the journal can tell which of two marks is the later one.</remarks>
internal sealed class CarryState(CarryMark initial)
{
    private const int FractionBits = 20;
    private const long FractionMask = (1L << FractionBits) - 1;
    private const int MicroUnitsPerUnit = 1_000_000;

    private long _packed = Pack(initial);

    public CarryMark Mark => Unpack(Volatile.Read(ref _packed));

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

    private static long Pack(CarryMark mark) => (mark.Version << FractionBits) | (uint)mark.MicroUnits;

    private static CarryMark Unpack(long packed) => new((int)(packed & FractionMask), packed >> FractionBits);
}
