using CsCheck;
using Gateway.Model;
using Gateway.Reservations;

namespace Gateway.Tests.Reservations;

public sealed class CarryStateTests
{
    [Fact]
    public void A_total_is_never_off_by_a_unit() =>
        Gen.Select(Gen.Int[0, 999_999], Gen.Long[0, 30_000_000].Array[0, 200]).Sample((start, amounts) =>
        {
            var carry = new CarryState(new CarryMark(start, 7));
            var units = amounts.Sum(a => carry.Accumulate(a).Units);
            return units * 1_000_000 + carry.Mark.MicroUnits == start + amounts.Sum() && carry.Mark.Version == 7 + amounts.Length;
        });

    [Fact]
    public void What_is_taken_back_leaves_no_trace_in_the_fraction() =>
        Gen.Select(Gen.Int[0, 999_999], Gen.Long[0, 30_000_000].Array[1, 20]).Sample((start, amounts) =>
        {
            var carry = new CarryState(new CarryMark(start, 7));
            var marks = amounts.Select(a => carry.Accumulate(a).Carry).ToArray();
            for (var i = amounts.Length - 1; i >= 0; i--) carry.TakeBack(amounts[i], marks[i]);
            return carry.Mark == new CarryMark(start, 7 + (2 * amounts.Length));
        });

    [Fact]
    public void Many_threads_lose_nothing_and_share_no_version()
    {
        var carry = new CarryState(default);
        long units = 0;
        var versions = new System.Collections.Concurrent.ConcurrentBag<long>();
        Parallel.For(0, 40_000, i =>
        {
            var (whole, mark) = carry.Accumulate(i % 7 * 123_457);
            Interlocked.Add(ref units, whole);
            versions.Add(mark.Version);
        });

        var expected = Enumerable.Range(0, 40_000).Sum(i => (long)(i % 7) * 123_457);
        Assert.Equal(expected, units * 1_000_000 + carry.Mark.MicroUnits);
        Assert.Equal(40_000, versions.Distinct().Count());
    }
}
