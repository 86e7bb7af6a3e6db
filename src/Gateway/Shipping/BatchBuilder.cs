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

    private readonly Dictionary<SumKey, int> _places = [];
    private readonly List<Sum> _sums = [];
    private int _settlements;

    public bool IsFull => _sums.Count >= mostEvents;

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
        var events = new UsageEvent[_sums.Count];
        for (var i = 0; i < events.Length; i++) events[i] = _sums[i].ToEvent();
        return events;
    }

    private bool Fits(in Settlement settlement)
    {
        var more = 0;
        foreach (ref readonly var charge in settlement.Charges.Span)
        {
            if (charge.Units == 0) continue;
            if (window == TimeSpan.Zero || !_places.TryGetValue(KeyOf(settlement, charge), out var at)) more++;
            else if (_sums[at].Units > MostUnits - charge.Units) return false;
        }

        return _sums.Count + more <= mostEvents;
    }

    private void Add(in Settlement settlement, in Charge charge, int index)
    {
        if (window > TimeSpan.Zero)
        {
            ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, KeyOf(settlement, charge), out var known);
            if (known)
            {
                CollectionsMarshal.AsSpan(_sums)[at].Add(settlement, charge.Units);
                return;
            }

            at = _sums.Count;
        }

        _sums.Add(new Sum(new UsageEvent(
            UsageKey.Of(settlement.RequestId, index), settlement.RequestId, index, settlement.Customer, charge.BillableMetricId,
            charge.Entitlement, charge.Units, settlement.OccurredAt, settlement.RouteId)));
    }

    private SumKey KeyOf(in Settlement settlement, in Charge charge) => new(
        settlement.Customer, charge.BillableMetricId, charge.Entitlement, settlement.OccurredAt.UtcTicks / window.Ticks);

    /// <summary>Of one charge or more, changed in place: a window has thousands.</summary>
    private struct Sum(UsageEvent first)
    {
        private long _charges = 1;
        private DateTimeOffset _occurredAt = first.OccurredAt;
        private string _routeId = first.RouteId;

        public long Units { get; private set; } = first.Quantity;

        public void Add(in Settlement settlement, long units)
        {
            Units = checked(Units + units);
            _charges++;
            if (settlement.OccurredAt > _occurredAt) _occurredAt = settlement.OccurredAt;
            if (_routeId != settlement.RouteId) _routeId = "";
        }

        public readonly UsageEvent ToEvent() => _charges == 1 ? first : first with
        {
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{first.IdempotencyKey}-x{_charges}"),
            Quantity = Units,
            Charges = _charges,
            OccurredAt = _occurredAt,
            RouteId = _routeId,
        };
    }

    private readonly record struct SumKey(CustomerId Customer, string BillableMetricId, EntitlementId? Entitlement, long Window);
}
