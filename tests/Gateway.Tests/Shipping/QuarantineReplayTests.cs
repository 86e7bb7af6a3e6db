using System.Diagnostics.Metrics;
using Gateway.Billing;
using Gateway.Model;
using Gateway.Shipping;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Shipping;

public sealed class QuarantineReplayTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quarantine-");
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ScriptedProvider _provider = new();
    private readonly FileQuarantine _quarantine;
    private readonly QuarantineReplay _replay;

    public QuarantineReplayTests()
    {
        var metrics = new ShippingMetrics(_services.GetRequiredService<IMeterFactory>());
        _quarantine = new FileQuarantine(_folder.FullName, TimeProvider.System);
        var shipment = new Shipment(_provider, _quarantine, metrics, TimeProvider.System, NullLogger<Shipment>.Instance);
        _replay = new QuarantineReplay(_quarantine, _provider, shipment, metrics);
    }

    public void Dispose()
    {
        _quarantine.Dispose();
        _services.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_the_provider_accepts_now_leaves_the_quarantine_and_what_it_refuses_stays_with_its_new_words()
    {
        await FillAsync("1", "2", "3");
        _provider.Answer = batch => [.. batch.Select(e => batch.Any(b => b.IdempotencyKey == "2") ? new EventResult(EventOutcome.Refused, 422, "new words") : Accepted)];

        Assert.Equal(new ReplayResult(2, 1, 0), await RunAsync());

        var left = Assert.Single(await _quarantine.TakeAllAsync());
        Assert.Equal(("2", "new words", 422), (left.Event.IdempotencyKey, left.Reason, left.StatusCode));
        Assert.Equal(["1", "2", "3"], _provider.Sent.Distinct().Order());
    }

    [Fact]
    public async Task While_the_provider_is_away_everything_stays()
    {
        await FillAsync("1", "2");
        _provider.Answer = batch => [.. batch.Select(_ => new EventResult(EventOutcome.Retry, 0, "connection refused"))];

        Assert.Equal(new ReplayResult(0, 0, 2), await RunAsync());

        Assert.Equal(["1", "2"], (await _quarantine.TakeAllAsync()).Select(q => q.Event.IdempotencyKey).Order());
    }

    [Fact]
    public async Task A_replay_that_was_cut_off_is_done_again_whole_together_with_what_came_meanwhile()
    {
        await FillAsync("1", "2");
        using (var died = new FileQuarantine(_folder.FullName, TimeProvider.System)) await died.TakeAllAsync();
        await FillAsync("2", "3");

        Assert.Equal(new ReplayResult(3, 0, 0), await RunAsync());

        Assert.Empty(await _quarantine.TakeAllAsync());
        Assert.Equal(["1", "2", "3"], _provider.Sent.Order());
    }

    [Fact]
    public async Task A_line_that_a_crash_cut_off_is_passed_over_and_takes_nothing_that_comes_after_it_along()
    {
        await FillAsync("1");
        await CutOffAsync("quarantine.jsonl");
        await FillAsync("2");

        Assert.Equal(new ReplayResult(2, 0, 0), await RunAsync());
    }

    [Fact]
    public async Task What_comes_together_with_a_replay_that_was_cut_off_loses_nothing_to_half_a_line()
    {
        await FillAsync("1");
        using (var died = new FileQuarantine(_folder.FullName, TimeProvider.System)) await died.TakeAllAsync();
        await CutOffAsync("quarantine.replaying.jsonl");
        await FillAsync("2");

        Assert.Equal(new ReplayResult(2, 0, 0), await RunAsync());
    }

    [Fact]
    public async Task While_one_replay_is_under_way_another_is_refused_so_that_it_can_not_drop_what_the_first_has_taken()
    {
        await FillAsync("1");
        await _quarantine.TakeAllAsync();
        using var second = new FileQuarantine(_folder.FullName, new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(11) });

        await Assert.ThrowsAsync<IOException>(second.TakeAllAsync);

        await _quarantine.DoneAsync();
        Assert.Empty(await second.TakeAllAsync());
    }

    [Fact]
    public async Task An_empty_quarantine_asks_nobody()
    {
        Assert.Equal(new ReplayResult(0, 0, 0), await RunAsync());
        Assert.Empty(_provider.Sent);
    }

    [Fact]
    public async Task A_quarantine_that_nobody_else_has_and_that_can_not_be_opened_is_not_waited_for()
    {
        using var nowhere = new FileQuarantine(Path.Combine(_folder.FullName, "missing"), new FakeTimeProvider());

        var adding = nowhere.AddAsync(Event("1"), new EventResult(EventOutcome.Refused, 400, "bad quantity")).AsTask();

        Assert.True(adding.IsFaulted);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => adding);
    }

    [Fact]
    public async Task A_quarantine_that_another_process_has_for_a_moment_is_waited_for()
    {
        var clock = new FakeTimeProvider();
        using var quarantine = new FileQuarantine(_folder.FullName, clock);
        Task adding;
        using (new FileStream(Path.Combine(_folder.FullName, "quarantine.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            adding = quarantine.AddAsync(Event("1"), new EventResult(EventOutcome.Refused, 400, "bad quantity")).AsTask();
            Assert.False(adding.IsCompleted);
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        await adding.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Single(await quarantine.ListAsync());
    }

    private static EventResult Accepted => new(EventOutcome.Accepted);

    private Task<ReplayResult> RunAsync() => _replay.RunAsync(static _ => { }, TestContext.Current.CancellationToken);

    /// <summary>Half a line more, as a crash or a full disk leaves it.</summary>
    private async Task CutOffAsync(string file)
    {
        var path = Path.Combine(_folder.FullName, file);
        var line = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(path, line[..(line.Length / 2)], TestContext.Current.CancellationToken);
    }

    private async Task FillAsync(params string[] keys)
    {
        foreach (var key in keys) await _quarantine.AddAsync(Event(key), new EventResult(EventOutcome.Refused, 404, "old words"));
    }

    private static UsageEvent Event(string key) =>
        new UsageEvent(key, Guid.NewGuid(), 0, new CustomerId("cus_1"), "bm_basic", new EntitlementId("ent_1"), 1, DateTimeOffset.UnixEpoch, "submissions");
}
