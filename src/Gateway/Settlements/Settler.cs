using System.Runtime.InteropServices;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Shadow;

namespace Gateway.Settlements;

/// <summary>Turns a reservation into charges and a return: the journal has the charges before the leases are told.</summary>
internal sealed class Settler(ILedger ledger, SettlementMetrics metrics, ShadowBook shadow, TimeProvider clock)
{
    /// <summary>Used by one settlement at a time: up to the journal nothing is waited for.</summary>
    [ThreadStatic]
    private static List<Taking>? _takings;

    /// <inheritdoc cref="_takings"/>
    [ThreadStatic]
    private static Charge[]? _charges;

    /// <summary>
    /// Charges what was measured, out of the holds first, then out of more of the customer's leases; what none covers is charged without an
    /// entitlement. The rest of the holds goes back. When the ledger refuses, everything goes back, fractions and what a slice was due too, and the
    /// exception passes on.
    /// </summary>
    /// <returns>Ends when the charge is durable; it is booked at once.</returns>
    public ValueTask SettleAsync(in SettledRequest request, Reservation reservation)
    {
        var now = Instant.Now(clock);
        var takings = _takings ??= new List<Taking>(8);
        takings.Clear();
        var holds = CollectionsMarshal.AsSpan(reservation.Holds);
        for (var first = 0; first < holds.Length;)
        {
            var end = first + 1;
            while (end < holds.Length && ReferenceEquals(holds[end].Meter, holds[first].Meter)) end++;
            TakeForMeter(holds[first..end], request, now, takings);
            first = end;
        }

        try
        {
            var settlement = ToSettlement(request, new DateTimeOffset(now.UtcTicks, TimeSpan.Zero), takings);
            var durable = AppendOrUndo(settlement, request, takings);
            reservation.Charged = new(takings.Count);
            foreach (var taking in takings)
            {
                taking.Book();
                reservation.Charged.Add((taking.Account, taking.Meter, taking.Charged));
            }

            if (settlement.Verdict is null) metrics.Settled(takings);
            else shadow.Charges(settlement);
            return durable;
        }
        finally
        {
            reservation.Holds.Clear();
            takings.Clear();
        }
    }

    /// <summary>Once the ledger has it nothing is undone any more, whatever else fails.</summary>
    private ValueTask AppendOrUndo(in Settlement settlement, in SettledRequest request, List<Taking> takings)
    {
        try
        {
            return ledger.AppendAsync(new Settled(settlement));
        }
        catch
        {
            foreach (var taking in takings)
            {
                taking.Undo();
                if (request.Charged is { } charged) charged[taking.Meter.Index] -= taking.Measured;
            }

            throw;
        }
    }

    private static void TakeForMeter(ReadOnlySpan<Hold> holds, in SettledRequest request, in Instant now, List<Taking> takings)
    {
        var (account, meter) = (holds[0].Account, holds[0].Meter);
        var microUnits = DueOf(meter, request);
        var (units, carry) = Round(account, meter, microUnits);
        if (BillablePolicy.IsCut(request.Outcome) && meter.Source.Grows) units = Math.Min(units, Held(holds)); // being late with the cut is the gateway's loss
        var (first, allowed) = (takings.Count, 0L);
        foreach (var hold in holds)
        {
            if (hold.Lease is null)
            {
                allowed += hold.Units;
                continue;
            }

            // An entitlement that ended while the request ran pays for nothing any more.
            var charged = hold.Lease.HasEnded(now) ? 0 : Math.Min(units, hold.Units);
            takings.Add(new Taking(account, meter, carry, hold.Lease, HasUse: true, hold.Units, charged));
            units -= charged;
        }

        for (var i = first; i < takings.Count && units > 0; i++)
        {
            if (takings[i].Lease!.HasEnded(now)) continue;
            var more = takings[i].Lease!.TakeMore(units);
            takings[i] = takings[i] with { Held = takings[i].Held + more, Charged = takings[i].Charged + more };
            units -= more;
        }

        foreach (var lease in account.Leases)
        {
            if (units == 0) break;
            var more = lease.TakeForRequest(units, now);
            if (more > 0) takings.Add(new Taking(account, meter, carry, lease, HasUse: true, more, more));
            units -= more;
        }

        if (request.IsSlice && units > allowed)
        {
            // The request goes on: what nothing covers is due at the next slice.
            var left = (units - allowed) * MicroUnit.PerUnit;
            (microUnits, units) = (microUnits - left, allowed);
            request.Charged![meter.Index] -= left;
        }

        if (units > 0 || allowed > 0) takings.Add(new Taking(account, meter, carry, null, HasUse: false, allowed, units));
        MarkMeasured(takings, first, microUnits);
    }

    private static long Held(ReadOnlySpan<Hold> holds)
    {
        var held = 0L;
        foreach (ref readonly var hold in holds) held += hold.Units;
        return held;
    }

    /// <summary>On the first of the meter's takings that is recorded.</summary>
    private static void MarkMeasured(List<Taking> takings, int from, long microUnits)
    {
        for (var i = from; i < takings.Count; i++)
        {
            if (!takings[i].IsRecorded) continue;
            takings[i] = takings[i] with { Measured = microUnits };
            return;
        }
    }

    /// <summary>What slices have charged already is taken off. A slice charges whole units, so that rounding happens once, at the end.</summary>
    private static long DueOf(Meter meter, in SettledRequest request)
    {
        var microUnits = meter.MicroUnits(request.Measured, meter.Billable.ShareOf(request.Outcome, request.UpstreamStatus));
        if (request.Charged is not { } charged) return microUnits;
        var due = Math.Max(0, microUnits - charged[meter.Index]);
        if (request.IsSlice) due -= due % MicroUnit.PerUnit;
        charged[meter.Index] += due;
        return due;
    }

    private static (long Units, CarryMark Carry) Round(Account account, Meter meter, long microUnits) => meter.Metric.Rounding switch
    {
        Rounding.Carry => account.Accumulate(microUnits),
        _ => (MicroUnit.Ceiling(microUnits), default),
    };

    private static Settlement ToSettlement(in SettledRequest request, DateTimeOffset now, List<Taking> takings)
    {
        // Nothing charged is recorded only where a fraction is carried: recovery needs it.
        var count = 0;
        foreach (var taking in takings) count += taking.IsRecorded ? 1 : 0;
        if (_charges is not { } charges || charges.Length < count) _charges = charges = new Charge[Math.Max(8, count)];
        var next = 0;
        foreach (var taking in takings)
        {
            if (taking.IsRecorded) charges[next++] = taking.ToCharge();
        }

        return new Settlement(
            request.Id, now, request.Customer, request.RouteId, request.StatusCode,
            (long)request.Measured.Upstream.TotalMicroseconds, charges.AsMemory(0, count))
        { Outcome = request.Outcome, Verdict = request.Verdict };
    }
}

/// <summary>A request at its end, as settlement needs it.</summary>
internal readonly record struct SettledRequest(Guid Id, CustomerId Customer, string RouteId, int StatusCode, Measurement Measured)
{
    public Outcome Outcome { get; init; } = Outcome.Answered;

    /// <summary>What the upstream's status means for the charge; null when it gave none.</summary>
    public int? UpstreamStatus { get; init; } = StatusCode;

    /// <summary>What slices have charged so far, in millionths of a unit by the meter's index, which the settlement adds to; null: there was no slice.</summary>
    public long[]? Charged { get; init; }

    /// <summary>The request goes on: only whole units are charged.</summary>
    public bool IsSlice { get; init; }

    /// <summary>What would have become of it, on a route in shadow mode; see <see cref="Settlement.Verdict"/>.</summary>
    public string? Verdict { get; init; }
}
