using System.Diagnostics.Metrics;
using CsCheck;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Settlements;
using Gateway.Tests.Journal;
using Gateway.Tests.Reservations;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Settlements;

public sealed class SettlerTests
{
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    [Fact]
    public async Task A_request_is_charged_one_unit_and_its_use_is_gone()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerRequest);

        var settlement = Settle(engine, reservation, TimeSpan.FromMilliseconds(1500));

        var charge = Assert.Single(settlement.Charges.ToArray());
        Assert.Equal((1, "bm_basic"), (charge.Units, charge.BillableMetricId));
        var lease = engine.Account(Engine.PerRequest).Leases[0];
        Assert.Equal((charge.Entitlement, charge.LeaseId), (lease.Entitlement, lease.Id));
        Assert.Equal((9, 9, 1, 1), (lease.UnitsLeft, lease.UsesLeft, lease.UnitsCharged, lease.UsesCharged));
    }

    [Fact]
    public async Task What_the_hold_had_too_much_goes_back_with_its_use_when_nothing_was_charged()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerSecond);

        var settlement = Settle(engine, reservation, TimeSpan.FromMilliseconds(300));

        var charge = Assert.Single(settlement.Charges.ToArray());
        Assert.Equal((0, 300_000), (charge.Units, charge.Carry.MicroUnits));
        var lease = engine.Account(Engine.PerSecond).Leases[0];
        Assert.Equal((lease.UnitsGranted, lease.UsesGranted), (lease.UnitsLeft, lease.UsesLeft));
    }

    [Fact]
    public async Task A_request_dearer_than_its_hold_takes_more_and_what_nothing_covers_is_charged_without_an_entitlement()
    {
        await using var engine = new Engine(wallet: 0);
        var account = engine.Account(Engine.PerSecond);
        account.Add(Lease(engine, "a", 6));
        account.Add(Lease(engine, "b", 3));
        var (_, reservation) = await engine.ReserveAsync(Engine.PerSecond);

        var settlement = Settle(engine, reservation, TimeSpan.FromSeconds(12));

        Assert.Equal(
            [("a", 6L), ("b", 3L), (null, 3L)],
            settlement.Charges.ToArray().Select(c => (c.Entitlement?.Value, c.Units)).OrderBy(c => c.Value ?? "z"));
    }

    [Fact]
    public async Task An_entitlement_that_ended_while_the_request_ran_pays_for_nothing()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerRequest);
        engine.Clock.Advance(engine.Provider.Lifetime);

        var charge = Assert.Single(Settle(engine, reservation, TimeSpan.Zero).Charges.ToArray());

        Assert.Equal((null, 1L), (charge.Entitlement, charge.Units));
    }

    [Fact]
    public async Task When_the_journal_refuses_nothing_is_charged_and_everything_goes_back()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerRequest);
        await engine.Journal.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(async () => await Settler(engine).SettleAsync(Request(TimeSpan.Zero), reservation));

        var lease = engine.Account(Engine.PerRequest).Leases[0];
        Assert.Equal((10, 10, 0), (lease.UnitsLeft, lease.UsesLeft, lease.UnitsCharged));
    }

    [Fact]
    public async Task When_the_journal_refuses_the_fraction_carried_is_what_it_was()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, first) = await engine.ReserveAsync(Engine.PerSecond);
        Settle(engine, first, TimeSpan.FromMilliseconds(900));
        var (_, reservation) = await engine.ReserveAsync(Engine.PerSecond);
        await engine.Journal.DisposeAsync();

        await Assert.ThrowsAnyAsync<Exception>(async () => await Settler(engine).SettleAsync(Request(TimeSpan.FromMilliseconds(1200)), reservation));

        Assert.Equal(900_000, engine.Account(Engine.PerSecond).Carry.MicroUnits);
    }

    [Fact]
    public async Task When_the_journal_refuses_a_slice_it_is_due_with_the_next()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerSecond);
        await engine.Journal.DisposeAsync();
        long[] charged = [0, 1_000_000];

        await Assert.ThrowsAnyAsync<Exception>(async () => await Settler(engine).SettleAsync(
            Request(TimeSpan.FromMilliseconds(4500)) with { IsSlice = true, Charged = charged }, reservation));

        Assert.Equal([0, 1_000_000], charged);
    }

    [Fact]
    public async Task A_charge_that_the_disk_does_not_take_is_in_the_journal_and_stays_booked()
    {
        await using var engine = new Engine(wallet: 100);
        var (_, reservation) = await engine.ReserveAsync(Engine.PerRequest);
        using var folder = new TempFolder();
        await using var journal = Journal.Ledger.Open(folder, disk: new TestDisk { IsBroken = true });

        var durable = Settler(engine, new JournalLedger(journal, Durability.Disk)).SettleAsync(Request(TimeSpan.Zero), reservation);

        await Assert.ThrowsAsync<JournalUnavailableException>(durable.AsTask);
        Assert.Single(Journal.Ledger.ReadAll(journal));
        var lease = engine.Account(Engine.PerRequest).Leases[0];
        Assert.Equal((9, 9, 1), (lease.UnitsLeft, lease.UsesLeft, lease.UnitsCharged));
    }

    /// <summary>Whatever is measured, whatever the leases: each unit measured is charged once, out of a lease or uncovered, and none is left over.</summary>
    [Fact]
    public Task Every_unit_is_conserved() =>
        Gen.Select(Gen.Long[1, 30].Array[1, 5], Gen.Int[0, 40_000].Array[1, 20]).SampleAsync(async (grants, milliseconds) =>
        {
            await using var engine = new Engine(wallet: 0);
            var account = engine.Account(Engine.PerSecond);
            for (var i = 0; i < grants.Length; i++) account.Add(Lease(engine, $"ent_{i}", grants[i]));
            long covered = 0, uncovered = 0, measured = 0;
            foreach (var time in milliseconds)
            {
                var (outcome, reservation) = await engine.ReserveAsync(Engine.PerSecond);
                if (outcome != ReserveOutcome.Held) break;
                foreach (var charge in Settle(engine, reservation, TimeSpan.FromMilliseconds(time)).Charges.ToArray())
                {
                    if (charge.Entitlement is null) uncovered += charge.Units;
                    else covered += charge.Units;
                }

                measured += time;
            }

            var leases = account.Leases.ToArray();
            Assert.Equal(measured * 1000, ((covered + uncovered) * 1_000_000) + account.Carry.MicroUnits);
            Assert.All(leases, l => Assert.Equal(l.UnitsGranted, l.UnitsLeft + l.UnitsCharged));
            Assert.All(leases, l => Assert.Equal(l.UsesGranted, l.UsesLeft + l.UsesCharged));
            Assert.True(covered <= grants.Sum());
            if (uncovered > 0) Assert.All(leases, l => Assert.True(l.UnitsLeft == 0 || l.UsesLeft == 0));
        }, iter: 200, threads: 1);

    private static Settlement Settle(Engine engine, Reservation reservation, TimeSpan upstream)
    {
        var position = engine.Journal.Tail;
        var durable = Settler(engine).SettleAsync(Request(upstream), reservation);
        Assert.True(durable.IsCompletedSuccessfully);
        using var reader = engine.Journal.ReadFrom(position);
        Assert.True(reader.TryRead(out var entry));
        return entry.Read<Settled>().Settlement;
    }

    private static Settler Settler(Engine engine) => Settler(engine, engine.Ledger);

    private static Settler Settler(Engine engine, ILedger ledger) => new(ledger, new SettlementMetrics(Meters), new Gateway.Shadow.ShadowBook(Meters), engine.Clock);

    private static SettledRequest Request(TimeSpan upstream) =>
        new(Guid.CreateVersion7(), Engine.Customer, "submissions", 201, new Measurement(upstream));

    private static Lease Lease(Engine engine, string entitlement, long units) =>
        Leases.Of(new EntitlementId(entitlement), units, (int)units, engine.Clock, TimeSpan.FromHours(1));
}
