using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Shipping;

/// <summary>
/// Makes usage events of settlements: one for each charge or, over a window, one for all charges of an account and an entitlement in it. They follow
/// from the settlements and their order alone, so the same range of the journal always makes the same events.
/// </summary>
/// <param name="window">What charges are summed over; zero: nothing is.</param>
/// <param name="mostEvents">A batch has at most so many, or one settlement.</param>
internal sealed class BatchBuilder(TimeSpan window, int mostEvents)
{
    // JSON numbers are doubles to many who read them; beyond this they are not exact.
    private const long MostUnits = (1L << 53) - 1;

    private readonly Dictionary<SumKey, int> _sums = [];
    private readonly List<UsageEvent> _events = [];
    private int _settlements;

    public bool IsFull => _events.Count >= mostEvents;

    /// <summary>False when it does not fit any more: it begins the next batch.</summary>
    public bool TryAdd(in Settlement settlement)
    {
        if (settlement.Verdict is not null) return true; // decided in shadow mode: nobody is charged
        if (_settlements > 0 && !Fits(settlement)) return false;
        _settlements++;
        for (var i = 0; i < settlement.Charges.Length; i++)
        {
            var charge = settlement.Charges.Span[i];
            if (charge.Units > 0) Add(settlement, charge, i); // a quantity on the wire is 1 or more
        }

        return true;
    }

    public IReadOnlyList<UsageEvent> Build()
    {
        foreach (ref var usage in CollectionsMarshal.AsSpan(_events))
        {
            if (usage.Charges > 1) usage = usage with { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{usage.IdempotencyKey}-x{usage.Charges}") };
        }

        return _events;
    }

    private bool Fits(in Settlement settlement)
    {
        var more = 0;
        foreach (ref readonly var charge in settlement.Charges.Span)
        {
            if (charge.Units == 0) continue;
            if (window == TimeSpan.Zero || !_sums.TryGetValue(KeyOf(settlement, charge), out var at)) more++;
            else if (_events[at].Quantity > MostUnits - charge.Units) return false;
        }

        return _events.Count + more <= mostEvents;
    }

    private void Add(in Settlement settlement, in Charge charge, int index)
    {
        if (window > TimeSpan.Zero)
        {
            ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, KeyOf(settlement, charge), out var known);
            if (known)
            {
                var sum = _events[at];
                _events[at] = sum with
                {
                    Quantity = checked(sum.Quantity + charge.Units),
                    Charges = sum.Charges + 1,
                    OccurredAt = settlement.OccurredAt > sum.OccurredAt ? settlement.OccurredAt : sum.OccurredAt,
                    RouteId = sum.RouteId == settlement.RouteId ? sum.RouteId : "",
                };
                return;
            }

            at = _events.Count;
        }

        _events.Add(new UsageEvent(
            UsageKey.Of(settlement.RequestId, index), settlement.RequestId, index, settlement.Customer, charge.BillableMetricId,
            charge.Entitlement, charge.Units, settlement.OccurredAt, settlement.RouteId));
    }

    private SumKey KeyOf(in Settlement settlement, in Charge charge) => new(
        settlement.Customer, charge.BillableMetricId, charge.Entitlement, settlement.OccurredAt.UtcTicks / window.Ticks);

    private readonly record struct SumKey(CustomerId Customer, string BillableMetricId, EntitlementId? Entitlement, long Window);
}
