using CsCheck;
using Gateway.Billing;
using Gateway.Model;
using Gateway.Reservations.Pool;
using Gateway.Simulation.Model;
using Gateway.Simulation.Scheduling;

namespace Gateway.Simulation.Tests;

/// <summary>The pool's rules against the oracle, one operation after the other.</summary>
public sealed class LedgerTests
{
    private static readonly AccountId Account = new(new CustomerId("cus_1"), new MetricName("basic"));

    private enum Step
    {
        Grant,
        LeaseAgain,
        Lease,
        Charge,
        Return,
        ReturnAgain,
        Flush,
        FailOver,
        Wait,
    }

    /// <summary>Whatever is deposited, leased, charged, returned, repeated, lost and rolled back: the oracle finds every unit in one place, once.</summary>
    [Fact]
    public void No_history_spends_a_unit_twice() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[1, 40], Gen.Int[0, 9]).Array[1, 80].Sample(history =>
        {
            var world = new World(new Random(1));
            var (clock, ledger) = (new Clock(world), new Ledger());
            var server = new PoolServer(clock, "run0", ledger);
            var terms = new PoolTerms("node", "", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
            var leases = new List<(LeaseRequest Request, PooledUnits Units)>();
            var over = new List<(Guid Lease, PooledUnits Units)>();
            var entitlements = 0;
            foreach (var (step, amount, which) in history)
            {
                var pool = server.For(terms);
                var request = new LeaseRequest(Guid.NewGuid(), amount, Least: 1, TakesCarry: false);
                switch (step)
                {
                    case Step.Grant:
                        var epoch = pool.InspectAsync(Account).Result.Epoch;
                        var granted = new Entitlement(new EntitlementId($"ent_{entitlements++}"), amount, amount, TimeSpan.FromSeconds(10 + (which * 10)));
                        ledger.Grant(granted.Id, Account, granted.Units, granted.Uses, clock.GetUtcNow() + granted.Lifetime);
                        var entitlement = new PooledUnits(granted.Id, epoch, granted.Units, granted.Uses, clock.GetUtcNow() + granted.Lifetime);
                        var deposited = pool.DepositAsync(Account, request with { Units = 1 + (amount / 2) }, entitlement).Result;
                        if (deposited.Lease is { } first) leases.Add((request, first.Units));
                        break;
                    case Step.Lease:
                        if (pool.LeaseAsync(Account, request).Result.Lease is { } lease) leases.Add((request, lease.Units));
                        break;
                    case Step.LeaseAgain when leases.Count > 0:
                        var known = leases[which % leases.Count];
                        if (pool.LeaseAsync(Account, known.Request).Result.Lease is { } again && again.Units.Entitlement != known.Units.Entitlement) leases.Remove(known);
                        break;
                    case Step.Charge when leases.Count > 0:
                        var (charged, left) = leases[which % leases.Count];
                        if (left.Units < 1 || left.Uses < 1 || left.ExpiresAt <= clock.GetUtcNow()) break;
                        ledger.Charge(charged.LeaseId, left.Entitlement, 1, clock.GetUtcNow());
                        leases[which % leases.Count] = (charged, left with { Units = left.Units - 1, Uses = left.Uses - 1 });
                        break;
                    case Step.Return when leases.Count > 0:
                        var (given, rest) = leases[which % leases.Count];
                        leases.RemoveAt(which % leases.Count);
                        _ = pool.ReturnAsync(Account, given.LeaseId, rest).Result;
                        over.Add((given.LeaseId, rest));
                        break;
                    case Step.ReturnAgain when over.Count > 0:
                        _ = pool.ReturnAsync(Account, over[which % over.Count].Lease, over[which % over.Count].Units).Result;
                        break;
                    case Step.Flush when which == 0:
                        server.Flush();
                        ledger.Lose(server.Run, Account);
                        break;
                    case Step.FailOver when which < 3:
                        server = server.Successor($"run{Guid.NewGuid():N}", amount);
                        break;
                    case Step.Wait:
                        world.Run(TimeSpan.FromTicks(world.Now) + TimeSpan.FromSeconds(which));
                        break;
                }

                ledger.AssertBalanced();
            }
        }, iter: 3_000);

    [Fact]
    public void The_oracle_refuses_what_is_not_there()
    {
        var (ledger, id, lease) = (new Ledger(), new EntitlementId("ent_1"), Guid.NewGuid());
        ledger.Grant(id, Account, 10, 2, World.Start.AddHours(1));
        ledger.Deposit("run0", id, 10, 2);
        ledger.Lease("run0", lease, id, 4, 1);

        Assert.Throws<LedgerException>(() => ledger.Lease("run0", Guid.NewGuid(), id, 7, 1));
        Assert.Throws<LedgerException>(() => ledger.Lease("run1", Guid.NewGuid(), id, 1, 1));
        Assert.Throws<LedgerException>(() => ledger.Return("run0", lease, id, 5, 1));
        Assert.Throws<LedgerException>(() => ledger.Deposit("run0", id, 1, 0));
        ledger.Charge(lease, id, 1, World.Start);
        Assert.Throws<LedgerException>(() => ledger.Charge(lease, id, 1, World.Start)); // no use is left
        Assert.Throws<LedgerException>(() => ledger.Charge(lease, id, 0, World.Start.AddHours(1)));
    }
}
