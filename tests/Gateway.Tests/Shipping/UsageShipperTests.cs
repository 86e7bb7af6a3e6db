using System.Diagnostics.Metrics;
using Gateway.Billing;
using Gateway.Journal.Records;
using Gateway.Recovery;
using Gateway.Shipping;
using Gateway.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Shipping;

public sealed class UsageShipperTests
{
    [Fact]
    public async Task Refused_events_that_can_not_be_quarantined_hold_up_nobody_and_are_kept_when_it_can_be_written_again()
    {
        const long Bad = 1, Good = 2;
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(SomeSettlements.Start);
        var open = new OpenShipments();
        await using var journal = Ledger.Open(folder);
        ReplayedJournal.Read(journal, open);
        var options = new ShippingOptions { MaxBatch = 1 };
        foreach (var units in Enumerable.Repeat(Bad, options.MaxInFlight + 1).Concat(Enumerable.Repeat(Good, 10)))
            journal.Append(new Settled(SomeSettlements.Of(units)));

        var provider = new ScriptedProvider
        {
            Answer = batch => [.. batch.Select(e => e.Quantity == Bad ? new EventResult(EventOutcome.Refused, 400, "bad quantity") : new EventResult(EventOutcome.Accepted))],
        };
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new ShippingMetrics(services.GetRequiredService<IMeterFactory>());
        using var quarantine = new FileQuarantine(folder.Path, clock);
        var inTheWay = Directory.CreateDirectory(Path.Combine(folder.Path, "quarantine.lock"));
        var shipment = new Shipment(provider, quarantine, metrics, clock, NullLogger<Shipment>.Instance);
        using var shipper = new UsageShipper(
            new JournalOutbox(journal, open, options, clock), shipment, metrics, options, clock, NullLogger<UsageShipper>.Instance);
        await shipper.StartAsync(TestContext.Current.CancellationToken);

        await PassTimeUntilAsync(clock, () => metrics.AcceptedCount == 10 && open.Batches.Count == 0);
        Assert.Equal((0, options.MaxInFlight + 1), (metrics.QuarantinedCount, open.DeferredCount));
        Assert.NotNull(shipment.Trouble);

        inTheWay.Delete();
        await PassTimeUntilAsync(clock, () => metrics.QuarantinedCount == options.MaxInFlight + 1 && open.DeferredCount == 0);
        Assert.Equal((10, null), (metrics.AcceptedCount, shipment.Trouble));
        await shipper.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task PassTimeUntilAsync(FakeTimeProvider clock, Func<bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }
    }
}
