using CsCheck;
using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;

namespace Gateway.Tests.Journal;

/// <summary>Arbitrary records.</summary>
internal static class Some
{
    private const string Odd = "äß✓漢 \u0000\"";

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 0, 40],
        Gen.String[Gen.Int[0, Odd.Length - 1].Select(i => Odd[i]), 0, 40],
        Gen.Const("").Select(_ => new string('x', RecordWriter.MaxStringBytes)));

    private static readonly Gen<DateTimeOffset> Time =
        Gen.Long[0, DateTime.MaxValue.Ticks].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    private static readonly Gen<CarryMark> Carry = Gen.Select(Gen.Int[0, 999_999], Gen.Long, (micro, version) => new CarryMark(micro, version));

    private static readonly Gen<AccountId> Account =
        Gen.Select(Text, Text, (customer, metric) => new AccountId(new(customer), new(metric)));

    private static readonly Gen<Charge> Charge = Gen.Select(
        Text, Text, Gen.Select(Text, Gen.Bool), Gen.Guid, Gen.Select(Gen.Long, Gen.Long), Carry, (metric, billable, entitlement, lease, units, carry) => new Charge(
            new(metric), billable, entitlement.Item2 ? new EntitlementId(entitlement.Item1) : null, lease, units.Item1, carry)
        { Measured = units.Item2 });

    private static readonly Gen<Settlement> Settlement = Gen.Select(
        Gen.Guid, Time, Text, Text, Gen.Select(Gen.Int, Gen.Long, Gen.Int[1, 11], Gen.OneOf(Gen.Const((string?)null), Text.Select(t => (string?)t))), Charge.Array[0, 6], (id, at, customer, route, numbers, charges) => new Settlement(
            id, at, new(customer), route, numbers.Item1, numbers.Item2, charges)
        { Outcome = (Outcome)numbers.Item3, Verdict = numbers.Item4 });

    public static Gen<object> Record { get; } = Gen.OneOf(
        Gen.Select(Gen.Guid, Gen.Long, Time, (node, incarnation, at) => (object)new NodeStarted(node, incarnation, at)),
        Gen.Select(Gen.Guid, Account, Gen.Select(Text, Text), Gen.Long, Gen.Int, Time, (lease, account, texts, units, uses, expires) =>
            (object)new LeaseTaken(lease, account, new(texts.Item1), units, uses, expires, texts.Item2)),
        Gen.Select(Gen.Guid, Gen.Long, Gen.Int, (lease, units, uses) => (object)new LeaseReturned(lease, units, uses)),
        Gen.Select(Gen.Guid, Gen.Guid, Gen.Long, (request, lease, units) => (object)new HoldPlaced(request, lease, units)),
        Settlement.Select(settlement => (object)new Settled(settlement)),
        Gen.Select(Gen.Long, Gen.Int, (segment, offset) => (object)new Shipped(new(segment, offset))),
        Gen.Select(Gen.Guid, Gen.Int, Gen.Int, Text, (request, index, status, reason) =>
            (object)new EventQuarantined(request, index, status, reason)),
        Gen.Select(Account, Carry, (account, carry) => (object)new CarrySnapshot(account, carry)),
        Gen.Guid.Select(request => (object)new HoldReleased(request)),
        Gen.Select(Gen.Long, Gen.Int, Gen.Int, (number, offset, window) => (object)new BatchFormed(number, new(number, offset), new(number, window), window)),
        Gen.Long.Select(number => (object)new BatchAcknowledged(number)),
        Gen.Select(Gen.Guid, Text, Gen.Select(Text, Gen.Bool), Gen.Long, Time, (request, text, entitlement, number, at) => (object)new EventDeferred(new UsageEvent(
            text, request, (int)number, new(text), entitlement.Item1, entitlement.Item2 ? new EntitlementId(entitlement.Item1) : null, number, at, text, number))),
        Text.Select(key => (object)new DeferredDecided(key)),
        Gen.Select(Gen.Long, Text, Text, (number, previous, seal) => (object)new SegmentSealed(number, number, previous, seal)));

    /// <summary>One record of each type, always the same.</summary>
    public static object[] OfEachType()
    {
        var request = new Guid("01980000-0000-7000-8000-000000000001");
        var lease = new Guid("01980000-0000-7000-8000-000000000002");
        var at = new DateTimeOffset(2026, 11, 23, 14, 30, 0, TimeSpan.Zero);
        var account = new AccountId(new("cus_1"), new("execution-time"));
        Charge[] charges =
        [
            new(new("basic-submissions"), "bm_1", new EntitlementId("ent_1"), lease, 1, new(0, 1)),
            new(account.Metric, "bm_2", null, Guid.Empty, 3, new(250_000, 7)),
        ];
        return
        [
            new NodeStarted(new Guid("01980000-0000-7000-8000-000000000003"), 4, at),
            new LeaseTaken(lease, account, new("ent_1"), 1_000, 50, at.AddHours(1), Epoch: ""),
            new HoldPlaced(request, lease, 5),
            new Settled(new Settlement(request, at, account.Customer, "submissions", 201, 1_250_000, charges)),
            new Settled(new Settlement(Guid.Empty, at, new("cus_ä"), "", 500, 0, Array.Empty<Charge>())),
            new EventQuarantined(request, 1, 422, "unknown metric ✗"),
            new Shipped(new(1, 320)),
            new CarrySnapshot(account, new(250_000, 7)),
            new LeaseReturned(lease, 995, 49),
        ];
    }
}
