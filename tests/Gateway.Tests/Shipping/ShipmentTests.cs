using System.Diagnostics.Metrics;
using Gateway.Billing;
using Gateway.Model;
using Gateway.Shipping;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Shipping;

public sealed class ShipmentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shipment-");
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(50)) { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly ScriptedProvider _provider = new();
    private readonly FileQuarantine _quarantine;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ShippingMetrics _metrics;
    private readonly Shipment _shipment;

    public ShipmentTests()
    {
        _metrics = new ShippingMetrics(_services.GetRequiredService<IMeterFactory>());
        _quarantine = new FileQuarantine(_folder.FullName, _clock);
        _shipment = new Shipment(_provider, _quarantine, _metrics, _clock, NullLogger<Shipment>.Instance);
    }

    [Fact]
    public async Task One_bad_event_among_a_thousand_is_found_by_halving_and_the_others_are_accepted()
    {
        var events = Events(1000);
        _provider.Answer = batch => batch.Select(e => Any(batch, "617") ? new EventResult(EventOutcome.Refused, 400, "bad quantity") : Accepted).ToList();

        await SendAsync(events);

        Assert.Equal((999, 1), (_metrics.AcceptedCount, _metrics.QuarantinedCount));
        Assert.InRange(_provider.Calls, 2, 25); // 2 × log2(1000) and a little, not 1000
        var line = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "quarantine.jsonl"), TestContext.Current.CancellationToken));
        Assert.Contains("\"idempotencyKey\":\"617\"", line, StringComparison.Ordinal);
        Assert.Contains("bad quantity", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_fail_within_a_batch_are_asked_about_one_by_one()
    {
        _provider.Answer = batch => batch.Select(e => batch.Count > 1 && e.IdempotencyKey == "2"
            ? new EventResult(EventOutcome.Retry, 207, "something")
            : e.IdempotencyKey == "2" ? new EventResult(EventOutcome.Refused, 422, "for good") : Accepted).ToList();

        await SendAsync(Events(5));

        Assert.Equal((4, 1, 2), (_metrics.AcceptedCount, _metrics.QuarantinedCount, _provider.Calls));
    }

    [Fact]
    public async Task What_is_not_decided_is_sent_again_alone_and_after_the_time_the_provider_asks_for()
    {
        _provider.Answer = batch => batch.Select(e => e.IdempotencyKey == "1" && _provider.Calls == 1
            ? new EventResult(EventOutcome.Retry, 429, "slow down", TimeSpan.FromSeconds(7))
            : Accepted).ToList();

        var sending = SendAsync(Events(3));
        _clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Equal((1, false), (_provider.Calls, sending.IsCompleted));
        Assert.Equal("slow down", _shipment.Trouble);

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await sending;
        Assert.Equal(["1"], _provider.Last.Select(e => e.IdempotencyKey));
        Assert.Equal((3, null), (_metrics.AcceptedCount, _shipment.Trouble));
    }

    [Fact]
    public async Task An_event_that_fails_with_500_while_others_pass_is_found_and_put_off_alone()
    {
        _provider.Answer = batch => batch.Select(_ => Any(batch, "617") ? new EventResult(EventOutcome.Retry, 500, "oops") : Accepted).ToList();

        var sending = SendAsync(Events(1000));
        var waited = 0;
        while (!sending.IsCompleted && waited++ < 20) _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("617", Assert.Single(await sending).IdempotencyKey);
        Assert.Equal((999, 0), (_metrics.AcceptedCount, _metrics.QuarantinedCount));
        Assert.InRange(waited, 1, 2); // one retry cycle, or two with the breaker's pause: it holds up nobody
    }

    [Fact]
    public async Task While_nothing_passes_nothing_is_put_off_and_everything_arrives_when_the_provider_is_back()
    {
        var isDown = true;
        _provider.Answer = batch => batch.Select(_ => isDown ? new EventResult(EventOutcome.Retry, 503, "down") : Accepted).ToList();

        var sending = SendAsync(Events(100));
        var start = _clock.GetUtcNow();
        await PassTimeUntilAsync(() => _provider.Calls >= 100);
        Assert.False(sending.IsCompleted);
        Assert.True(_clock.GetUtcNow() - start > TimeSpan.FromSeconds(80), "it is asked about once a second, and there is no storm");

        isDown = false;
        await PassTimeUntilAsync(() => sending.IsCompleted);
        Assert.Empty(await sending);
        Assert.Equal((100, null), (_metrics.AcceptedCount, _shipment.Trouble));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(EventResult.NotSent)]
    public async Task A_failure_that_says_nothing_about_the_event_puts_nothing_off_though_others_pass(int statusCode)
    {
        var isFailing = true;
        _provider.Answer = batch => batch.Select(e => isFailing && e.IdempotencyKey == "0" ? new EventResult(EventOutcome.Retry, statusCode, "later") : Accepted).ToList();

        var sending = SendAsync(Events(3));
        for (var i = 0; i < 10; i++)
        {
            await SendAsync([Events(5)[4]]); // others pass
            _clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.False(sending.IsCompleted);
        isFailing = false;
        await PassTimeUntilAsync(() => sending.IsCompleted);
        Assert.Empty(await sending);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(EventResult.NotSent)]
    public async Task What_is_undecided_when_the_end_comes_is_not_taken_for_sent(int statusCode)
    {
        using var end = new CancellationTokenSource();
        _provider.Answer = batch =>
        {
            end.Cancel(); // while the call is under way, whose answer then comes all the same
            return [.. batch.Select(_ => new EventResult(EventOutcome.Retry, statusCode, "down"))];
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _shipment.SendAsync(new Batch(Events(3), IsDeferred: false), () => true, end.Token));
    }

    [Fact]
    public async Task An_event_that_can_not_be_quarantined_is_put_off_and_health_says_so_until_it_is_kept()
    {
        _provider.Answer = batch => batch.Select(_ => Any(batch, "2") ? new EventResult(EventOutcome.Refused, 400, "bad quantity") : Accepted).ToList();
        var inTheWay = QuarantineThatCanNotBeWritten();

        var refused = Assert.Single(await SendAsync(Events(5)));
        Assert.Empty(await SendAsync([Events(8)[7]])); // others get through

        Assert.Equal(("2", 5, 0), (refused.IdempotencyKey, _metrics.AcceptedCount, _metrics.QuarantinedCount));
        Assert.Contains(_quarantine.Place, _shipment.Trouble, StringComparison.Ordinal);

        Assert.Equal([refused], await SendAgainAsync(refused));
        inTheWay.Delete();
        Assert.Empty(await SendAgainAsync(refused));
        Assert.Equal((1, null), (_metrics.QuarantinedCount, _shipment.Trouble));
        Assert.Equal(refused, Assert.Single(await _quarantine.ListAsync()).Event);
    }

    [Fact]
    public async Task Batches_of_which_nothing_can_be_quarantined_hold_up_no_lane()
    {
        _provider.Answer = batch => [.. batch.Select(_ => new EventResult(EventOutcome.Refused, 404, "no such metric"))];
        QuarantineThatCanNotBeWritten();

        Assert.Equal(5, (await SendAsync(Events(5))).Count);
    }

    [Fact]
    public async Task While_nothing_may_be_put_off_what_can_not_be_quarantined_stays_open_and_is_tried_again()
    {
        _provider.Answer = batch => [.. batch.Select(_ => new EventResult(EventOutcome.Refused, 400, "bad quantity"))];
        var inTheWay = QuarantineThatCanNotBeWritten();

        var sending = SendAsync(Events(1), mayDefer: false);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(sending.IsCompleted);

        inTheWay.Delete();
        await PassTimeUntilAsync(() => sending.IsCompleted);
        Assert.Empty(await sending);
        Assert.Equal((1, null), (_metrics.QuarantinedCount, _shipment.Trouble));
    }

    [Fact]
    public async Task What_could_not_be_quarantined_and_is_accepted_after_all_is_no_trouble_any_more()
    {
        var isKnown = false;
        _provider.Answer = batch => [.. batch.Select(_ => isKnown ? Accepted : new EventResult(EventOutcome.Refused, 404, "no such metric"))];
        QuarantineThatCanNotBeWritten();
        var refused = Assert.Single(await SendAsync(Events(1)));
        Assert.NotNull(_shipment.Trouble);

        isKnown = true;
        Assert.Empty(await SendAgainAsync(refused));

        Assert.Null(_shipment.Trouble);
    }

    public void Dispose()
    {
        _services.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<IReadOnlyList<UsageEvent>> SendAsync(IReadOnlyList<UsageEvent> events, bool mayDefer = true) =>
        _shipment.SendAsync(new Batch(events, IsDeferred: false), () => mayDefer, TestContext.Current.CancellationToken);

    private Task<IReadOnlyList<UsageEvent>> SendAgainAsync(UsageEvent putOff) =>
        _shipment.SendAsync(new Batch([putOff], IsDeferred: true), () => true, TestContext.Current.CancellationToken);

    /// <summary>Access to it is denied, also to root, until what is in the way is gone.</summary>
    private DirectoryInfo QuarantineThatCanNotBeWritten() => _folder.CreateSubdirectory("quarantine.lock");

    /// <summary>The circuit breaker tells of its opening on another thread, so that a fixed number of steps may be over before the sender waits again.</summary>
    private async Task PassTimeUntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
    }

    private static EventResult Accepted => new(EventOutcome.Accepted);

    private static bool Any(IReadOnlyList<UsageEvent> batch, string key) => batch.Any(e => e.IdempotencyKey == key);

    private static List<UsageEvent> Events(int count) => [.. Enumerable.Range(0, count).Select(i => new UsageEvent(
        $"{i}", Guid.NewGuid(), 0, new CustomerId("cus_1"), "bm_basic", new EntitlementId("ent_1"), 1, DateTimeOffset.UnixEpoch, "submissions"))];
}
