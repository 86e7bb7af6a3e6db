using CsCheck;
using Gateway.Billing;
using Gateway.Model;
using Gateway.Shipping;

namespace Gateway.Tests.Shipping;

public sealed class BatchBuilderTests
{
    private static readonly Gen<int> MostEvents = Gen.Int[1, 30];

    [Fact]
    public void No_unit_is_lost_or_made_whatever_the_window_and_the_batch() =>
        Gen.Select(SomeSettlements.Many, SomeSettlements.Window, MostEvents).Sample((settlements, window, most) =>
        {
            var events = Build(settlements, window, most).SelectMany(b => b).ToList();

            Assert.Equal(SomeSettlements.Totals(settlements), SomeSettlements.Totals(events));
            Assert.Equal(settlements.Sum(s => s.Charges.ToArray().Count(c => c.Units > 0)), events.Sum(e => e.Charges));
            Assert.Equal(events.Count, events.Select(e => e.IdempotencyKey).Distinct().Count());
            Assert.All(events, e => Assert.True(e.Quantity >= 1));
        });

    [Fact]
    public void What_was_decided_in_shadow_mode_makes_no_event_and_takes_no_room() =>
        Gen.Select(SomeSettlements.Many, SomeSettlements.Many, SomeSettlements.Window, MostEvents).Sample((real, tried, window, most) =>
        {
            var mixed = real.Concat(tried.Select(s => s with { RequestId = Guid.NewGuid(), Verdict = Verdicts.Allowed })).OrderBy(s => s.RequestId).ToArray();
            var expected = Build([.. mixed.Where(s => s.Verdict is null)], window, most).SelectMany(b => b);

            Assert.Equal(expected, Build(mixed, window, most).SelectMany(b => b));
        });

    [Fact]
    public void A_batch_has_no_more_events_than_it_may_or_one_settlement() =>
        Gen.Select(SomeSettlements.Many, SomeSettlements.Window, MostEvents).Sample((settlements, window, most) =>
            Assert.All(Build(settlements, window, most), b => Assert.True(b.Count <= most || b.Select(e => e.RequestId).Distinct().Count() == 1)));

    [Fact]
    public void The_same_settlements_always_make_the_same_events() =>
        Gen.Select(SomeSettlements.Many, SomeSettlements.Window).Sample((settlements, window) =>
            Assert.Equal(Build(settlements, window, int.MaxValue).SelectMany(b => b), Build(settlements, window, int.MaxValue).SelectMany(b => b)));

    [Fact]
    public void Only_charges_of_one_account_entitlement_and_window_are_summed() =>
        Gen.Select(SomeSettlements.Many, SomeSettlements.Window.Where(w => w > TimeSpan.Zero)).Sample((settlements, window) =>
        {
            var expected = settlements.SelectMany(s => s.Charges.ToArray().Where(c => c.Units > 0)
                .Select(c => (s.Customer, c.BillableMetricId, c.Entitlement, Window: s.OccurredAt.UtcTicks / window.Ticks)));

            var events = Assert.Single(Build(settlements, window, int.MaxValue));

            Assert.Equal(expected.Distinct().Count(), events.Count);
        });

    [Fact]
    public void A_sum_stays_a_number_that_every_reader_of_json_has_exactly()
    {
        Settlement[] settlements = [SomeSettlements.Of((1L << 53) - 2), SomeSettlements.Of(1), SomeSettlements.Of(1)];

        var batches = Build(settlements, TimeSpan.FromHours(1), int.MaxValue);

        Assert.Equal([(1L << 53) - 1, 1], batches.Select(b => Assert.Single(b).Quantity));
    }

    private static List<IReadOnlyList<UsageEvent>> Build(IReadOnlyList<Settlement> settlements, TimeSpan window, int most)
    {
        var batches = new List<IReadOnlyList<UsageEvent>>();
        var builder = new BatchBuilder(window, most);
        foreach (var settlement in settlements)
        {
            if (!builder.TryAdd(settlement))
            {
                batches.Add(builder.Build());
                builder = new BatchBuilder(window, most);
                Assert.True(builder.TryAdd(settlement));
            }
        }

        batches.Add(builder.Build());
        return batches;
    }
}
