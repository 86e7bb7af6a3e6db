using Gateway.Journal;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Reservations;

[CollectionDefinition(nameof(AccountMemoryTests), DisableParallelization = true)]
public sealed class MeasuresAlone;

/// <summary>What an account costs in memory. Alone, for it looks at the whole heap.</summary>
[Collection(nameof(AccountMemoryTests))]
public sealed class AccountMemoryTests : IAsyncDisposable
{
    private const int Customers = 50_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("memory-");
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly ReservationOptions _options = new() { IdleSeconds = 5 };
    private readonly UsageJournal _journal;
    private readonly AccountTable _accounts;
    private readonly Reserver _reserver;
    private readonly IdleAccounts _idle;
    private readonly LeaseReturner _returner;

    public AccountMemoryTests()
    {
        _journal = UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 64 << 20 }, TimeProvider.System, NullLogger.Instance);
        var (pool, pending, metrics) = (new EndlessPool(_clock), new PendingReturns(), Engine.NewMetrics());
        var ledger = new JournalLedger(_journal, Durability.Process);
        _accounts = new AccountTable(_clock);
        var refiller = new Refiller(pool, new FakeProvider(0), ledger, _options, metrics, _clock, NullLogger<Refiller>.Instance);
        _reserver = new Reserver(_accounts, refiller, metrics, _clock);
        _idle = new IdleAccounts(_accounts, refiller, pending, _options, _clock);
        _returner = new LeaseReturner(pending, pool, ledger, new NodeIdentity(Guid.NewGuid()), metrics, NullLogger<LeaseReturner>.Instance);
    }

    [Fact]
    public async Task An_idle_account_with_a_lease_costs_at_most_500_bytes_and_does_not_stay()
    {
        var customers = Enumerable.Range(0, Customers).Select(i => new CustomerId($"cus_{i:D8}")).ToArray(); // the keys have these anyway
        var reservation = new Reservation();
        await UseAsync(new CustomerId("cus_warm"), reservation);
        var before = Settled();
        foreach (var customer in customers) await UseAsync(customer, reservation);
        var each = (Settled() - before) / Customers;
        TestContext.Current.SendDiagnosticMessage($"{each} bytes per account");

        Assert.InRange(each, 100, 500);

        for (var i = 0; i < 7; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _idle.Pass();
            Assert.True(await _returner.ReturnAllAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, _accounts.Count);
        GC.KeepAlive(customers);
    }

    /// <summary>The live heap, once what the tests before have left to finalizers and pools is gone.</summary>
    private static long Settled()
    {
        var (last, live) = (long.MaxValue, GC.GetTotalMemory(forceFullCollection: true));
        for (var i = 0; i < 50 && last - live > 100_000; i++)
        {
            GC.WaitForPendingFinalizers();
            (last, live) = (live, GC.GetTotalMemory(forceFullCollection: true));
        }

        return live;
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task UseAsync(CustomerId customer, Reservation reservation)
    {
        Assert.Equal(ReserveOutcome.Held, await _reserver.ReserveAsync(customer, [Engine.PerRequest], 0, reservation, CancellationToken.None));
        reservation.Release();
    }

    /// <summary>Has ten units of a new entitlement for everybody, and remembers nothing.</summary>
    private sealed class EndlessPool(TimeProvider clock) : IEntitlementPool
    {
        private const string Epoch = "0123456789abcdef.0123456789abcdef:1700000000000000"; // as long as a real one
        private int _entitlements;

        public Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request)
        {
            var id = new EntitlementId($"ent_{_entitlements++:D16}");
            var units = new PooledUnits(id, new string(Epoch), 10, 10, clock.GetUtcNow().AddHours(1));
            return Task.FromResult(new PoolAnswer(PoolAnswerKind.Leased, new PoolLease(units, TimeSpan.FromHours(1), 0)));
        }

        public Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement) =>
            throw new NotSupportedException();

        public Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause) => throw new NotSupportedException();

        public Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest) => Task.FromResult(ReturnOutcome.Returned);

        public Task StowAsync(AccountId account, string operation, int microUnits) => Task.CompletedTask;

        public Task<PoolContents> InspectAsync(AccountId account) => throw new NotSupportedException();
    }
}
