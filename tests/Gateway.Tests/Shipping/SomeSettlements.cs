using CsCheck;
using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Tests.Shipping;

/// <summary>Arbitrary settlements of few accounts within a few seconds, so that much of it falls together.</summary>
internal static class SomeSettlements
{
    public static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Charge> Charge = Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Long[0, 5], (metric, entitlement, units) => new Charge(
        new MetricName($"metric-{metric}"), $"bm_{metric}", entitlement == 0 ? null : new EntitlementId($"ent_{entitlement}"),
        entitlement == 0 ? Guid.Empty : new Guid(entitlement, 0, 0, new byte[8]), units, default));

    private static readonly Gen<Settlement> One = Gen.Select(
        Gen.Guid, Gen.Int[0, 5_000], Gen.Int[0, 2], Gen.Int[0, 1], Charge.Array[0, 4], (id, milliseconds, customer, route, charges) => new Settlement(
            id, Start.AddMilliseconds(milliseconds), new CustomerId($"cus_{customer}"), $"route-{route}", 201, 1_000, charges));

    public static Gen<Settlement[]> Many { get; } = One.Array[0, 60];

    public static Gen<TimeSpan> Window { get; } = Gen.OneOf(
        Gen.Const(TimeSpan.Zero), Gen.Const(TimeSpan.FromSeconds(1)), Gen.Const(TimeSpan.FromSeconds(2)), Gen.Const(TimeSpan.FromHours(1)));

    public static Settlement Of(long units) => new(
        Guid.NewGuid(), Start, new CustomerId("cus_1"), "submissions", 201, 1_000,
        new Charge[] { new(new MetricName("metric"), "bm_1", new EntitlementId("ent_1"), Guid.Empty, units, default) });

    /// <summary>Units of each customer, metric and entitlement, in order.</summary>
    public static List<(string, string, string?, long)> Totals(IEnumerable<Settlement> settlements) => Totals(
        settlements.SelectMany(s => s.Charges.ToArray().Select(c => (s.Customer.Value, c.BillableMetricId, c.Entitlement?.Value, c.Units))));

    public static List<(string, string, string?, long)> Totals(IEnumerable<UsageEvent> events) =>
        Totals(events.Select(e => (e.Customer.Value, e.BillableMetricId, e.Entitlement?.Value, e.Quantity)));

    private static List<(string, string, string?, long)> Totals(IEnumerable<(string Customer, string Metric, string? Entitlement, long Units)> charges) =>
    [
        .. charges.GroupBy(c => (c.Customer, c.Metric, c.Entitlement)).Select(g => (g.Key.Customer, g.Key.Metric, g.Key.Entitlement, Units: g.Sum(c => c.Units)))
            .Where(t => t.Units > 0).Order(),
    ];
}
