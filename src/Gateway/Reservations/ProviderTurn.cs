using Gateway.Billing;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Reservations;

/// <summary>What a node does whose turn it is at the provider: it asks for an entitlement, and deposits it or passes the turn on.</summary>
/// <param name="pool">Gives turns.</param>
/// <param name="provider">Is asked.</param>
/// <param name="deposits">What comes of it.</param>
/// <param name="metrics">Counts the questions.</param>
/// <param name="noFunds">For how long a refusal is remembered.</param>
/// <param name="clock">For times.</param>
/// <param name="logger">The refill's.</param>
internal sealed class ProviderTurn(
    IEntitlementPool pool, IBillingProvider provider, Deposits deposits, ReservationMetrics metrics, TimeSpan noFunds, TimeProvider clock, ILogger logger)
{
    /// <summary>It is this node's turn: asks the provider for what is wanted, then for less and less, and puts what it gets into the pool.</summary>
    public async Task<PoolAnswer> AskAsync(Account account, Meter meter, LeaseRequest request, long wanted, PoolAnswer turn)
    {
        var refill = account.Refill;

        // The last attempt may have units from there whose answer was lost: nobody else can ever get them.
        if (refill.InDoubt!.AskedShadow && await FromShadowAsync(account, meter, request, turn) is { } found) return found;
        for (var units = wanted; ; units = Math.Max(request.Least, units / 2))
        {
            var uses = (int)Math.Min(units, provider.MaxUsesPerEntitlement);
            var asked = Instant.Now(clock);
            var grant = await provider.GrantAsync(
                new GrantRequest(account.Id.Customer, meter.Metric.BillableMetricId, units, uses), CancellationToken.None);
            metrics.Asked(meter.Metric.Name, grant, units);
            if (grant.Outcome != GrantOutcome.Ambiguous) account.Answered();
            switch (grant.Outcome)
            {
                case GrantOutcome.Granted:
                    refill.RaiseCap();
                    return await deposits.DepositAsync(account, request, grant.Entitlement!, turn, asked);
                case GrantOutcome.NoFunds when units > request.Least:
                    refill.LowerCap(units / 2);
                    break;
                case GrantOutcome.NoFunds:
                    refill.LowerCap(request.Least);
                    return await FromShadowAsync(account, meter, request, turn) ?? await PassAsync(account.Id, PoolAnswerKind.Short, request.Least, noFunds);
                case GrantOutcome.Ambiguous:
                    deposits.Freeze(account, units); // not asked again at once: a second entitlement would freeze as much again
                    RefillLog.Ambiguous(logger, account.Id, units, grant.Reason);
                    return await PassAsync(account.Id, PoolAnswerKind.Away, units: 0, account.Mishaps.BackOff());
                default:
                    RefillLog.Refused(logger, account.Id, grant.Reason);
                    return await PassAsync(account.Id, PoolAnswerKind.Away, units: 0, grant.RetryAfter is { } wait && wait > noFunds ? wait : noFunds);
            }
        }
    }

    /// <summary>
    /// What was set aside to try the same bill out is the customer's own money, and nobody will be charged with it: it comes before a refusal. A crash
    /// on the way leaves it unused until it ends, as it does between a grant and its deposit.
    /// </summary>
    /// <returns>Null when there is none.</returns>
    private async Task<PoolAnswer?> FromShadowAsync(Account account, Meter meter, LeaseRequest request, PoolAnswer turn)
    {
        if (meter.Metric.IsShadow) return null;
        var shadow = new AccountId(account.Id.Customer, meter.Metric.AsShadow().Name);
        var doubt = account.Refill.InDoubt!;
        if (!doubt.AskedShadow && !await HasUnitsAsync(shadow)) return null; // most who are broke never tried anything: leave them no turn there

        // All there is of one, or each request would ask the provider in vain before it gets its own. Under the id of the lease that it is for, which the
        // next attempt has again: an answer that was lost is given once more.
        account.Refill.InDoubt = doubt with { AskedShadow = true };
        var asked = Instant.Now(clock);
        var answer = await pool.LeaseAsync(shadow, new LeaseRequest(request.LeaseId, Lease.MaxUnits, Least: 1, TakesCarry: false));
        if (answer.Kind == PoolAnswerKind.Turn) await PassAsync(shadow, PoolAnswerKind.Away, units: 0, TimeSpan.Zero);
        if (answer is not { Kind: PoolAnswerKind.Leased, Lease: var (units, life, _) }) return null;
        return await deposits.DepositAsync(account, request, new Entitlement(units.Entitlement, units.Units, units.Uses, life), turn, asked, isPart: true);
    }

    /// <summary>A pool that can not be asked takes nothing from what the provider has said: who has no funds gets no allowance for it.</summary>
    private async Task<bool> HasUnitsAsync(AccountId shadow)
    {
        try
        {
            return (await pool.InspectAsync(shadow)).Entitlements.Count > 0;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            RefillLog.PoolAway(logger, shadow, e.Message);
            return false;
        }
    }

    /// <summary>Gives the turn up, and has the pool remember why for so long. Does not throw.</summary>
    public async Task<PoolAnswer> PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause)
    {
        try
        {
            await pool.PassAsync(account, reason, units, pause);
        }
        catch (Exception e)
        {
            RefillLog.PassFailed(logger, account, e.Message); // the turn ends by itself
        }

        return new PoolAnswer(reason, Remaining: pause);
    }
}
