using Gateway.Journal;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Gateway.Reservations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Reservations;

/// <summary>The reservation stage as the gateway has it, over a pool and a provider in memory and a clock that only moves when told.</summary>
internal sealed class Engine : IAsyncDisposable
{
    public static readonly CustomerId Customer = new("cus_1");
    public static readonly Metric Basic = new(new MetricName("basic"), "bm_basic", "submission", Rounding.Ceiling);
    public static readonly Metric Seconds = new(new MetricName("seconds"), "bm_seconds", "second", Rounding.Carry);
    public static readonly Meter PerRequest = new(0, Basic, new RequestCount(), HoldUnits: 1, When: null, Otherwise: false);
    public static readonly Meter PerSecond = new(1, Seconds, new UpstreamSeconds(), HoldUnits: 5, When: null, Otherwise: false);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("engine-");

    public Engine(long wallet, ReservationOptions? options = null)
    {
        Clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        Provider = new FakeProvider(Clock, wallet);
        Pool = new MemoryPool(Clock);
        Journal = UsageJournal.Open(
            Path.Combine(_folder.FullName, "journal"), new JournalOptions { SegmentBytes = 1 << 20 }, TimeProvider.System, NullLogger.Instance);
        Options = options ?? new ReservationOptions();
        Refiller = new Refiller(Pool, Provider, Journal, Options, Clock, NullLogger<Refiller>.Instance);
        Reserver = new Reserver(Accounts, Refiller, Clock);
    }

    public FakeTimeProvider Clock { get; }

    public FakeProvider Provider { get; }

    public MemoryPool Pool { get; }

    public UsageJournal Journal { get; }

    public ReservationOptions Options { get; }

    public AccountTable Accounts { get; } = new();

    public Refiller Refiller { get; }

    public Reserver Reserver { get; }

    public async Task<(ReserveOutcome Outcome, Reservation Reservation)> ReserveAsync(params Meter[] meters)
    {
        var reservation = new Reservation();
        return (await Reserver.ReserveAsync(Customer, [.. meters], reservation, TestContext.Current.CancellationToken), reservation);
    }

    public Account Account(Meter meter) => Accounts.Get(new AccountId(Customer, meter.Metric.Name));

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
