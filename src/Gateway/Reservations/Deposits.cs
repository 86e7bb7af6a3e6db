using Gateway.Billing;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>The way of an entitlement into the pool, which may have to be gone more than once.</summary>
internal sealed class Deposits(IEntitlementPool pool, ReservationMetrics metrics, TimeProvider clock, ILogger logger)
{
    /// <summary>
    /// Puts a new entitlement into the pool. A failure leaves it in doubt: the next attempt deposits it again, which is harmless in the same epoch.
    /// </summary>
    /// <param name="asked">When the provider was asked for it.</param>
    /// <param name="isPart">The pool may have another part of it.</param>
    public async Task<PoolAnswer> DepositAsync(
        Account account, LeaseRequest request, Entitlement entitlement, PoolAnswer turn, Instant asked, bool isPart = false)
    {
        // On the pool's clock it ends at the latest a lifetime after the turn was given, for it was asked for later. However long a deposit is on
        // its way, that stays right.
        var undeposited = new PooledUnits(entitlement.Id, turn.Epoch, entitlement.Units, entitlement.Uses, turn.Now + entitlement.Lifetime) { IsPart = isPart };
        account.Refill.InDoubt = new Refill.Doubt(request.LeaseId, undeposited);
        var answer = await TryDepositAsync(account, request, undeposited);
        if (answer is { Kind: PoolAnswerKind.Fenced })
        {
            // Refused before anything was done, so there is no earlier try to be afraid of. The pool is another, with a clock of its own.
            var age = Instant.Now(clock).Since(asked, clock);
            undeposited = undeposited with { Epoch = answer.Value.Epoch, ExpiresAt = answer.Value.Now + entitlement.Lifetime - age };
            account.Refill.InDoubt = new Refill.Doubt(request.LeaseId, undeposited);
            answer = await TryDepositAsync(account, request, undeposited);
        }

        return answer ?? await TryDepositAsync(account, request, undeposited) ?? throw Unconfirmed();
    }

    /// <summary>Null when the pool did not confirm it; it may have it all the same.</summary>
    public async Task<PoolAnswer?> TryDepositAsync(Account account, LeaseRequest request, PooledUnits undeposited)
    {
        var asked = Instant.Now(clock);
        try
        {
            var answer = await pool.DepositAsync(account.Id, request, undeposited);
            return answer with { AskedAt = asked };
        }
        catch (Exception e)
        {
            RefillLog.DepositFailed(logger, account.Id, e.Message);
            return null;
        }
    }

    public static TimeoutException Unconfirmed() => new("the pool did not confirm a deposit; it is tried again with the next refill");

    /// <summary>The entitlement can not be used: the pool was lost or moved while it was deposited, or it ends too soon.</summary>
    public void Forget(Account account, PoolAnswerKind answer)
    {
        if (account.Refill.InDoubt?.Undeposited is { } undeposited) Freeze(account, undeposited.Units);
        RefillLog.NotDeposited(logger, account.Id, answer);
        account.Refill.InDoubt = null; // an operation id that has its answer is never used again
    }

    public void Freeze(Account account, long units)
    {
        account.Freeze(units);
        metrics.Frozen(account.Id.Metric, units);
    }
}
