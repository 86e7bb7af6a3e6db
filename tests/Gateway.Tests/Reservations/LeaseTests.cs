using CsCheck;
using Gateway.Model;
using Gateway.Reservations;

namespace Gateway.Tests.Reservations;

public sealed class LeaseTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly DateTimeOffset Expiry = Now.AddHours(1);

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
                    var taken = lease.TakeForRequest(units, Now.UtcTicks);
                    if (taken == 0) continue;
                    if (i % 3 == 0)
                    {
                        lease.Charge(taken);
                        Interlocked.Add(ref charged, taken);
                        Interlocked.Increment(ref chargedUses);
                    }
                    else
                    {
                        lease.TryReturn(taken, uses: 1);
                    }
                }
            });
            var (unitsLeft, usesLeft) = lease.Surrender();
            return charged + unitsLeft == granted && chargedUses + usesLeft == uses
                && lease.UnitsCharged == charged && lease.UsesCharged == chargedUses
                && lease.TakeForRequest(1, Now.UtcTicks) == 0 && !lease.TryReturn(1, 0);
        }, iter: 30, threads: 1);

    [Fact]
    public void A_request_takes_no_use_when_there_are_no_units()
    {
        var lease = Of(units: 3, uses: 2);

        Assert.Equal(3, lease.TakeForRequest(5, Now.UtcTicks));
        Assert.Equal(0, lease.TakeForRequest(5, Now.UtcTicks));

        Assert.Equal((0, 1), (lease.UnitsLeft, lease.UsesLeft));
    }

    [Fact]
    public void Without_a_use_nothing_is_taken_for_a_request_but_a_running_one_may_take_more()
    {
        var lease = Of(units: 10, uses: 1);
        lease.TakeForRequest(2, Now.UtcTicks);

        Assert.Equal(0, lease.TakeForRequest(1, Now.UtcTicks));
        Assert.Equal(3, lease.TakeMore(3));
    }

    [Fact]
    public void Nothing_is_reserved_within_the_margin_of_its_end()
    {
        var lease = Of(units: 10, uses: 10, margin: TimeSpan.FromMinutes(5));

        Assert.Equal(1, lease.TakeForRequest(1, Expiry.AddMinutes(-5).AddTicks(-1).UtcTicks));
        Assert.Equal(0, lease.TakeForRequest(1, Expiry.AddMinutes(-5).UtcTicks));
        Assert.True(lease.IsOpen(Expiry.AddTicks(-1)));
        Assert.False(lease.IsOpen(Expiry));
    }

    [Fact]
    public void Returning_more_than_was_granted_is_a_bug_and_says_so() =>
        Assert.Throws<InvalidOperationException>(() => Of(units: 1, uses: 1).TryReturn(1, 0));

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

    private static void Cycle(Lease lease) => lease.TryReturn(lease.TakeForRequest(1, Now.UtcTicks), 1);

    private static Lease Of(long units, int uses, TimeSpan margin = default) =>
        new(Guid.NewGuid(), new EntitlementId("ent_1"), units, uses, Expiry, margin);
}
