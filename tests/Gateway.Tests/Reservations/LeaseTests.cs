using CsCheck;
using Gateway.Model;
using Gateway.Reservations;

namespace Gateway.Tests.Reservations;

public sealed class LeaseTests
{
    private static readonly Instant Now = Instant.Now(TimeProvider.System);

    [Fact]
    public void Units_are_conserved_whatever_many_threads_take_charge_and_return() =>
        Gen.Select(Gen.Long[1, 200_000], Gen.Long[1, 9], Gen.Int[1, Lease.MaxUses]).Sample((granted, units, uses) =>
        {
            var lease = Of(granted, uses);
            long charged = 0, chargedUses = 0;
            Parallel.For(0, 4, _ =>
            {
                for (var i = 0; i < 20_000; i++) // long runs: short ones let a lease without compare-and-swap pass
                {
                    var taken = lease.TakeForRequest(units, Now);
                    if (taken == 0) continue;
                    if (i % 3 == 0)
                    {
                        lease.Charge(taken);
                        Interlocked.Add(ref charged, taken);
                        Interlocked.Increment(ref chargedUses);
                    }
                    else
                    {
                        lease.Return(taken, uses: 1);
                    }
                }
            });
            var isOver = lease.TrySurrender(out var unitsLeft, out var usesLeft);
            return isOver && charged + unitsLeft == granted && chargedUses + usesLeft == uses
                && lease.UnitsCharged == charged && lease.UsesCharged == chargedUses
                && lease.TakeForRequest(1, Now) == 0 && !lease.TrySurrender(out _, out _);
        }, iter: 30, threads: 1);

    [Fact]
    public void A_request_takes_no_use_when_there_are_no_units()
    {
        var lease = Of(units: 3, uses: 2);

        Assert.Equal(3, lease.TakeForRequest(5, Now));
        Assert.Equal(0, lease.TakeForRequest(5, Now));

        Assert.Equal((0, 1), (lease.UnitsLeft, lease.UsesLeft));
    }

    [Fact]
    public void Without_a_use_nothing_is_taken_for_a_request_but_a_running_one_may_take_more()
    {
        var lease = Of(units: 10, uses: 1);
        lease.TakeForRequest(2, Now);

        Assert.Equal(0, lease.TakeForRequest(1, Now));
        Assert.Equal(3, lease.TakeMore(3));
    }

    [Fact]
    public void Nothing_is_reserved_after_it_closed_on_either_clock()
    {
        var lease = Of(units: 10, uses: 10);
        var late = TimeSpan.FromMinutes(55);

        Assert.Equal(1, lease.TakeForRequest(1, After(late - TimeSpan.FromTicks(1), late - TimeSpan.FromTicks(1))));
        Assert.Equal(0, lease.TakeForRequest(1, After(late, TimeSpan.Zero))); // suspended: the monotonic clock stood still
        Assert.Equal(0, lease.TakeForRequest(1, After(TimeSpan.FromHours(-3), late))); // the wall's clock was set back
        Assert.False(lease.HasEnded(After(late, late)));
        Assert.True(lease.HasEnded(After(TimeSpan.Zero, TimeSpan.FromHours(1))));
    }

    [Fact]
    public void It_is_not_surrendered_while_a_request_holds_something_of_it()
    {
        var lease = Of(units: 10, uses: 10);
        lease.TakeForRequest(4, Now);
        Assert.False(lease.TrySurrender(out _, out _));

        lease.Charge(3);
        Assert.False(lease.TrySurrender(out _, out _));
        lease.Return(1, uses: 0);

        Assert.True(lease.TrySurrender(out var units, out var uses));
        Assert.Equal((7, 9), (units, uses));
        Assert.Equal(0, lease.TakeForRequest(1, Now));
    }

    [Fact]
    public void What_comes_back_to_a_surrendered_lease_is_a_bug_and_says_so()
    {
        var lease = Of(units: 1, uses: 1);
        lease.TrySurrender(out _, out _);

        lease.Return(0, 0);
        Assert.Throws<InvalidOperationException>(() => lease.Return(1, 1));
    }

    [Fact]
    public void Returning_more_than_was_granted_is_a_bug_and_says_so() =>
        Assert.Throws<InvalidOperationException>(() => Of(units: 1, uses: 1).Return(1, 0));

    [Fact]
    public void Charging_more_than_was_granted_is_a_bug_and_says_so()
    {
        var lease = Of(units: 1, uses: 2);
        lease.Charge(1);

        Assert.Throws<InvalidOperationException>(() => lease.Charge(1));
    }

    [Fact]
    public void Reserving_and_returning_allocates_nothing()
    {
        var lease = Of(units: 1000, uses: 1000);
        Cycle(lease); // warm up
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Cycle(lease);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Cycle(Lease lease) => lease.Return(lease.TakeForRequest(1, Now), 1);

    private static Lease Of(long units, int uses) =>
        Leases.Of(new EntitlementId("ent_1"), units, uses, TimeProvider.System, TimeSpan.FromHours(1), now: Now);

    private static Instant After(TimeSpan wall, TimeSpan monotonic) =>
        new(Now.UtcTicks + wall.Ticks, Now.After(monotonic, TimeProvider.System).Timestamp);
}
