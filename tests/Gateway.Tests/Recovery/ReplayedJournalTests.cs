using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Recovery;
using Gateway.Reservations;
using Gateway.Shipping;
using Gateway.Tests.Reservations;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Recovery;

public sealed class ReplayedJournalTests : IAsyncDisposable
{
    private static readonly AccountId Account = new(new CustomerId("cus_1"), new MetricName("seconds"));
    private static readonly DateTimeOffset Expiry = DateTimeOffset.UnixEpoch.AddYears(100);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("replay-");
    private readonly UsageJournal _journal;

    public ReplayedJournalTests() => _journal = UsageJournal.Open(
        Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 64 * 1024 }, TimeProvider.System, NullLogger.Instance);

    [Fact]
    public void A_lease_is_open_with_what_was_not_charged()
    {
        var (open, returned, spent) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        foreach (var lease in (Guid[])[open, returned, spent]) Take(lease, units: 10);
        Settle(open, units: 4);
        Settle(open, units: 1);
        Settle(spent, units: 10);
        _journal.Append(new LeaseReturned(returned, 10, 10));

        var lease1 = Assert.Single(ReplayedJournal.Read(_journal, new OpenShipments()).Leases);

        Assert.Equal((open, 5, 8), (lease1.Taken.LeaseId, lease1.UnitsLeft, lease1.UsesLeft));
    }

    [Fact]
    public void The_carry_with_the_highest_version_counts_whatever_the_order()
    {
        var lease = Guid.NewGuid();
        Take(lease, units: 10);
        Settle(lease, units: 1, new CarryMark(300, 2));
        Settle(lease, units: 1, new CarryMark(900, 1));
        _journal.Append(new CarrySnapshot(Account, new CarryMark(300, 2)));

        Assert.Equal(new CarryMark(300, 2), CarryOf(ReplayedJournal.Read(_journal, new OpenShipments())));
    }

    [Fact]
    public void What_is_after_the_cursor_is_still_to_be_shipped()
    {
        var lease = Guid.NewGuid();
        Take(lease, units: 10);
        Settle(lease, units: 1);
        var through = Settle(lease, units: 1);
        Settle(lease, units: 1);
        _journal.Append(new Shipped(through));

        var shipments = new OpenShipments();
        var replayed = ReplayedJournal.Read(_journal, shipments);

        Assert.Equal((through, 1), (shipments.FormedThrough, replayed.UnshippedSettlements));
    }

    [Fact]
    public void Retention_keeps_what_an_open_lease_or_an_unshipped_charge_needs_and_carries_survive_it()
    {
        var accounts = new AccountTable(TimeProvider.System);
        var (shipments, pending) = (new OpenShipments(), new PendingReturns());
        using var sealer = new SegmentSealer(_journal, TimeProvider.System, NullLogger<SegmentSealer>.Instance);
        using var retention = Retention(sealer, shipments, accounts, pending, maxBytes: long.MaxValue);
        var account = accounts.Get(Account);
        account.Accumulate(250_000);
        var first = Take(Guid.NewGuid(), units: 10);
        var lease = Leases.Of(new EntitlementId("ent_1"), 10, 10, TimeProvider.System, TimeSpan.FromHours(1), takenAt: first);
        account.Add(lease);
        JournalPosition last = default;
        while (_journal.Tail.Segment < 5) last = Settle(Guid.Empty, units: 0, account.Carry);
        shipments.ShippedThrough(last);

        retention.Apply();
        retention.Apply(); // the second pass may act on what was there at the first
        Assert.Equal(first.Segment, _journal.Start.Segment);

        Assert.True(lease.TrySurrender(out var units, out _));
        var item = new PendingReturn(Account, first, lease.Id, lease.Granted, default);
        pending.Add(item);
        account.Drop(lease, units, returned: true);
        retention.Apply();
        Assert.Equal(first.Segment, _journal.Start.Segment); // until the pool has the rest, a restart would have to know it

        pending.Done(item);
        retention.Apply();
        Assert.Equal(last.Segment, _journal.Start.Segment);
        Assert.Equal(250_000, CarryOf(ReplayedJournal.Read(_journal, new OpenShipments())).MicroUnits);
    }

    [Fact]
    public void Jobs_are_known_by_their_charges_however_much_was_charged_since()
    {
        var (job, settlement) = (SliceId.Of(Guid.NewGuid(), 1), new Settlement(Guid.NewGuid(), DateTimeOffset.UnixEpoch, Account.Customer, "result", 200, 1000, default));
        _journal.Append(new Settled(settlement with { RequestId = job }));
        _journal.Append(new Settled(settlement with { OccurredAt = DateTimeOffset.UnixEpoch.AddDays(1) }));

        Assert.Equal((job, "result"), Assert.Single(ReplayedJournal.Read(_journal, new OpenShipments()).LateJobs));
    }

    [Theory]
    [InlineData(long.MaxValue, false)]
    [InlineData(6 * 64 * 1024, true)]
    public void A_lease_that_keeps_old_segments_is_closed_when_half_of_the_room_is_used_and_not_before(long maxBytes, bool isClosed)
    {
        var accounts = new AccountTable(TimeProvider.System);
        using var sealer = new SegmentSealer(_journal, TimeProvider.System, NullLogger<SegmentSealer>.Instance);
        var shipments = new OpenShipments();
        using var retention = Retention(sealer, shipments, accounts, new PendingReturns(), maxBytes);
        var old = AddLease(accounts);
        JournalPosition last = default;
        while (_journal.Tail.Segment < 5) last = Settle(Guid.Empty, units: 0);
        var young = AddLease(accounts);
        shipments.ShippedThrough(last);

        retention.Apply();
        retention.Apply();

        var now = Instant.Now(TimeProvider.System);
        Assert.Equal((isClosed, false), (old.IsClosed(now), young.IsClosed(now)));
        Assert.Equal(isClosed ? 0 : 3, old.TakeForRequest(3, now));
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private JournalRetention Retention(SegmentSealer sealer, OpenShipments shipments, AccountTable accounts, PendingReturns pending, long maxBytes) => new(
        _journal, sealer, shipments, accounts, pending, new JournalOptions { SegmentBytes = 64 * 1024, MaxBytes = maxBytes }, TimeProvider.System,
        NullLogger<JournalRetention>.Instance);

    private Lease AddLease(AccountTable accounts)
    {
        var lease = Leases.Of(
            new EntitlementId("ent_1"), 10, 10, TimeProvider.System, TimeSpan.FromHours(1), takenAt: Take(Guid.NewGuid(), units: 10));
        accounts.Get(Account).Add(lease);
        return lease;
    }

    private static CarryMark CarryOf(ReplayedJournal replayed) => replayed.Carries.Single(c => c.Key == Account).Value;

    private JournalPosition Take(Guid lease, long units) =>
        _journal.Append(new LeaseTaken(lease, Account, new EntitlementId("ent_1"), units, (int)units, Expiry, "epoch"));

    private JournalPosition Settle(Guid lease, long units, CarryMark carry = default) => _journal.Append(new Settled(new Settlement(
        Guid.NewGuid(), DateTimeOffset.UnixEpoch, Account.Customer, "submissions", 201, 1000,
        new[] { new Charge(Account.Metric, "bm_seconds", new EntitlementId("ent_1"), lease, units, carry) })));
}
