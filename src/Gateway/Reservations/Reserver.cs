using System.Collections.Immutable;
using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Reservations;

/// <summary>Why a reservation was refused, or that it was not.</summary>
internal enum ReserveOutcome
{
    Held,
    NoFunds,
    Unavailable,
}

/// <summary>All that one request holds. Filled by <see cref="Reserver"/>, emptied by settlement; owned by one request, so not thread-safe.</summary>
internal sealed class Reservation
{
    public List<Hold> Holds { get; } = new(2); // most requests are charged on one metric or two

    /// <summary>After the settlement: what was charged, in the order of the meters; null before, and where nothing is.</summary>
    public List<(Account Account, Meter Meter, long Units)>? Charged { get; set; }

    /// <summary>After a refusal: the meter that could not be held.</summary>
    public Meter? Missing { get; set; }

    /// <summary>After a refusal: when it is worth asking again.</summary>
    public TimeSpan RetryAfter { get; set; }

    /// <summary>What is held for one meter, as a reservation of its own.</summary>
    public Reservation TakeOut(Meter meter)
    {
        var taken = new Reservation();
        taken.Holds.AddRange(Holds.Where(h => ReferenceEquals(h.Meter, meter)));
        Holds.RemoveAll(h => ReferenceEquals(h.Meter, meter));
        return taken;
    }

    /// <summary>Puts everything back.</summary>
    public void Release()
    {
        foreach (var hold in Holds) hold.Release();
        Holds.Clear();
    }
}

/// <summary>Holds units for a request on every meter it will be charged on: all of them or none.</summary>
internal sealed class Reserver(AccountTable accounts, Refiller refiller, ReservationMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// With leases in hand this completes at once: no network, no lock. Otherwise the request waits for the account's refill, together with
    /// everybody else who does.
    /// </summary>
    /// <param name="allowance">
    /// Units that each account may have in an outage without anything being reserved; 0: none. Only <see cref="ReserveOutcome.Unavailable"/> is
    /// ever allowed so, never <see cref="ReserveOutcome.NoFunds"/>.
    /// </param>
    public ValueTask<ReserveOutcome> ReserveAsync(
        CustomerId customer, ImmutableArray<Meter> meters, long allowance, Reservation reservation, CancellationToken cancellationToken)
    {
        var now = Instant.Now(clock);
        for (var i = 0; i < meters.Length; i++)
        {
            var meter = meters[i];
            var account = accounts.Get(new AccountId(customer, meter.Metric.Name));
            if (!account.TryReserve(meter, meter.HoldUnits, now, reservation.Holds))
                return ReserveSlowlyAsync(customer, meters, i, allowance, reservation, cancellationToken);
            refiller.RefillAheadIfLow(account, meter, now);
        }

        return new ValueTask<ReserveOutcome>(ReserveOutcome.Held);
    }

    private async ValueTask<ReserveOutcome> ReserveSlowlyAsync(
        CustomerId customer, ImmutableArray<Meter> meters, int from, long allowance, Reservation reservation, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var meter in meters[from..])
            {
                var outcome = await ReserveOneAsync(new AccountId(customer, meter.Metric.Name), meter, allowance, reservation, cancellationToken);
                if (outcome == ReserveOutcome.Held) continue;
                reservation.Release();
                reservation.Missing = meter;
                return outcome;
            }

            return ReserveOutcome.Held;
        }
        catch
        {
            reservation.Release();
            throw;
        }
    }

    private async ValueTask<ReserveOutcome> ReserveOneAsync(
        AccountId id, Meter meter, long allowance, Reservation reservation, CancellationToken cancellationToken)
    {
        var needed = meter.HoldUnits;
        var account = accounts.Pin(id);
        account.Refill.AddWaiting(needed);
        try
        {
            while (!account.TryReserve(meter, needed, Instant.Now(clock), reservation.Holds))
            {
                var outcome = await refiller.RefillAsync(account, meter, needed).WaitAsync(cancellationToken);
                if (outcome.Result == RefillResult.Granted || outcome.Needed > needed) continue;

                // Somebody may have returned units while the provider was asked.
                if (account.TryReserve(meter, needed, Instant.Now(clock), reservation.Holds)) break;
                reservation.RetryAfter = outcome.RetryAfter;
                if (outcome.Result == RefillResult.NoFunds) return ReserveOutcome.NoFunds;
                if (!account.TryAllow(needed, allowance)) return ReserveOutcome.Unavailable;
                metrics.Allowed(meter.Metric.Name);
                reservation.Holds.Add(new Hold(account, meter, Lease: null, needed));
                break;
            }

            return ReserveOutcome.Held;
        }
        finally
        {
            account.Refill.AddWaiting(-needed);
            account.Unpin();
        }
    }
}
