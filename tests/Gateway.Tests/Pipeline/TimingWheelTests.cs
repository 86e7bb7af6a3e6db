using Gateway.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Pipeline;

public sealed class TimingWheelTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _clock = new();
    private readonly TimingWheel _wheel;

    public TimingWheelTests() => _wheel = new TimingWheel(_clock);

    [Fact]
    public void An_entry_is_looked_at_when_it_is_due_and_not_before()
    {
        var entry = Add(() => TimeSpan.FromSeconds(3));
        RunFor(TimeSpan.FromSeconds(3));
        Assert.Single(entry.Looks);

        RunFor(TimeSpan.FromSeconds(4));

        Assert.Equal(3, entry.Looks.Count);
        Assert.All(Waits(entry), wait => Assert.InRange(wait, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3) + Step + Turn));
    }

    [Fact]
    public void Whatever_times_entries_choose_none_is_early_and_none_is_late()
    {
        var dice = new Random(1);
        var chosen = new Dictionary<Entry, List<TimeSpan>>();
        for (var i = 0; i < 500; i++)
        {
            var waits = new List<TimeSpan>();
            chosen.Add(Add(() => waits.Next(TimeSpan.FromMilliseconds(dice.Next(0, 9_000)))), waits);
        }

        RunFor(TimeSpan.FromSeconds(60));

        foreach (var (entry, waits) in chosen)
        {
            Assert.True(entry.Looks.Count > 3);
            foreach (var (waited, wanted) in Waits(entry).Zip(waits)) Assert.InRange(waited, wanted, wanted + Step + Turn);
        }
    }

    [Fact]
    public void What_is_due_in_an_hour_is_looked_at_now_and_then_and_costs_nothing_between()
    {
        var entry = Add(() => TimeSpan.FromHours(1));

        RunFor(TimeSpan.FromMinutes(1));

        Assert.InRange(entry.Looks.Count, 2, 8);
    }

    [Fact]
    public void What_is_removed_is_not_looked_at_any_more()
    {
        var (one, two, three) = (Add(() => Turn), Add(() => Turn), Add(() => Turn));
        RunFor(Turn);

        _wheel.Remove(two);
        _wheel.Remove(two);
        RunFor(Turn * 3);

        Assert.Equal((4, 1, 4, 2), (one.Looks.Count, two.Looks.Count, three.Looks.Count, _wheel.Count));
    }

    [Fact]
    public void What_is_removed_while_it_is_looked_at_does_not_come_back()
    {
        Entry? entry = null;
        entry = Add(() =>
        {
            _wheel.Remove(entry!);
            return Turn;
        });

        RunFor(Turn * 5);

        Assert.Equal((1, 0), (entry.Looks.Count, _wheel.Count));
    }

    [Fact]
    public void An_entry_that_wants_no_further_look_is_gone()
    {
        var entry = Add(() => null);

        RunFor(Turn * 5);
        _wheel.Remove(entry);

        Assert.Equal((1, 0), (entry.Looks.Count, _wheel.Count));
    }

    [Fact]
    public void All_can_be_looked_at_whether_they_are_due_or_not()
    {
        var entries = Enumerable.Range(0, 100).Select(i => Add(() => TimeSpan.FromSeconds(i))).ToList();
        RunFor(Turn);

        _clock.Advance(Turn);
        _wheel.Turn(all: true);

        Assert.All(entries, e => Assert.Equal(_clock.GetUtcNow(), e.Looks[^1]));
        Assert.Equal(100, _wheel.Count);
    }

    [Fact]
    public void A_wheel_that_stood_still_for_longer_than_it_reaches_looks_at_everything_due()
    {
        var entries = Enumerable.Range(0, 100).Select(i => Add(() => TimeSpan.FromMilliseconds(100 * i))).ToList();
        RunFor(Turn);

        _clock.Advance(TimeSpan.FromMinutes(5));
        _wheel.Turn(all: false);

        Assert.All(entries, e => Assert.Equal(_clock.GetUtcNow(), e.Looks[^1]));
    }

    private static IEnumerable<TimeSpan> Waits(Entry entry) => entry.Looks.Zip(entry.Looks.Skip(1), (from, to) => to - from);

    private Entry Add(Func<TimeSpan?> next)
    {
        var entry = new Entry(_clock, next);
        _wheel.Add(entry);
        return entry;
    }

    private void RunFor(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Turn)
        {
            _clock.Advance(Turn);
            _wheel.Turn(all: false);
        }
    }

    private sealed class Entry(TimeProvider clock, Func<TimeSpan?> next) : WheelEntry
    {
        public List<DateTimeOffset> Looks { get; } = [];

        public override TimeSpan? Look()
        {
            Looks.Add(clock.GetUtcNow());
            return next();
        }
    }
}

file static class Chosen
{
    public static TimeSpan Next(this List<TimeSpan> waits, TimeSpan wait)
    {
        waits.Add(wait);
        return wait;
    }
}
