using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Reservations;

/// <summary>
/// Gets an account more units: out of the pool, or, when that is empty, by a new entitlement at the provider. One attempt per account in this
/// process, and one call to the provider per account over all nodes: the pool gives turns.
/// </summary>
internal sealed partial class Refiller(
    IEntitlementPool pool, IBillingProvider provider, ILedger ledger, ReservationOptions options, ReservationMetrics metrics, TimeProvider clock,
    ILogger<Refiller> logger)
{
    // Another node's call to the provider usually takes a tenth of a second or so.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(5);

    private const int Shares = 4;

    private readonly TimeSpan _margin = TimeSpan.FromSeconds(options.ExpiryMarginSeconds);
    private readonly TimeSpan _noFunds = TimeSpan.FromMilliseconds(options.NoFundsMilliseconds);

    /// <summary>Starts a refill in the background when little is left. Nobody waits for it.</summary>
    public void RefillAheadIfLow(Account account, Meter meter, in Instant now)
    {
        var refill = account.Refill;
        if (refill.InFlight || account.Available(now) > refill.LowWater || refill.Remembered(meter.HoldUnits, clock) is not null) return;
        _ = RefillAsync(account, meter, meter.HoldUnits);
    }

    /// <summary>Joins the account's refill in flight, or starts one. Does not throw: every failure is an outcome.</summary>
    public Task<RefillOutcome> RefillAsync(Account account, Meter meter, long needed) =>
        account.Refill.Remembered(needed, clock) is { } failure
            ? Task.FromResult(failure)
            : account.Refill.JoinOrStart(() => TryRunAsync(account, needed, () => RunAsync(account, meter, needed)));

    /// <summary>
    /// Finds out what became of the last attempt, for an account that nobody uses any more. Asks the provider for nothing: a request that joins it then starts an attempt of its own, as after
    /// one that was for more than it needs.
    /// </summary>
    public Task ResolveAsync(Account account) => account.Refill.JoinOrStart(() => TryRunAsync(account, needed: long.MaxValue, async () =>
    {
        var outcome = await FindOutAsync(account);
        return outcome.Result == RefillResult.Unavailable ? outcome with { Needed = long.MaxValue } : outcome;
    }));

    private async Task<RefillOutcome> FindOutAsync(Account account)
    {
        var request = new LeaseRequest(account.Refill.InDoubt?.LeaseId ?? default, Units: 1, Least: 1, TakesCarry: false);
        if (await ResolveDepositAsync(account, request) is { } deposited) return deposited;
        if (account.Refill.InDoubt is null) return new RefillOutcome(RefillResult.Unavailable, request.Least, TimeSpan.Zero);
        var answer = await LeaseAsync(account, request);
        if (answer.Kind == PoolAnswerKind.Turn) answer = await PassAsync(account.Id, PoolAnswerKind.Away, units: 0, TimeSpan.Zero);
        return Take(account, request, answer);
    }

    private async Task<RefillOutcome> TryRunAsync(Account account, long needed, Func<Task<RefillOutcome>> run)
    {
        if (!account.TryPin()) return new RefillOutcome(RefillResult.Unavailable, needed, TimeSpan.Zero); // retired meanwhile: nobody waits
        try
        {
            var outcome = await run();
            if (outcome.Result == RefillResult.Granted) return outcome;
            account.Refill.Remember(outcome, clock);
            return outcome;
        }
        catch (Exception e)
        {
            if (e is RedisException or TimeoutException) Log.PoolAway(logger, account.Id, e.Message);
            else Log.Failed(logger, account.Id, e);
            var outcome = new RefillOutcome(RefillResult.Unavailable, needed, _noFunds);
            account.Refill.Remember(outcome, clock);
            return outcome;
        }
        finally
        {
            account.Unpin();
        }
    }

    private async Task<RefillOutcome> RunAsync(Account account, Meter meter, long needed)
    {
        var refill = account.Refill;
        var aSecond = (long)refill.TakeRate(account.Consumed, clock);
        var cover = aSecond * options.CoverSeconds;
        var wanted = Wanted(refill, meter, needed, cover);
        var least = Math.Max(1, needed - account.Available(Instant.Now(clock)));

        // What is asked of the provider is shared by all nodes; each takes a part of it at a time, so that money that runs out is not with the
        // wrong node; only what it uses up within a second is never long with anybody. One entitlement has uses for 1,000 requests; a fast account is
        // covered by several, fetched one after the other.
        var part = Math.Max(wanted / Shares, Math.Min(wanted, aSecond));
        var share = Math.Max(Math.Max(part, refill.Waiting), Math.Max(needed, Math.Min(wanted, options.MinBatch * meter.HoldUnits)));
        refill.SetLowWater(Math.Max(share / 4, cover / Shares / 2));

        var carries = meter.Metric.Rounding == Rounding.Carry && account.Carry.MicroUnits == 0;
        var request = new LeaseRequest(refill.InDoubt?.LeaseId ?? NewLeaseId(), share, least, carries);
        if (await ResolveDepositAsync(account, request) is { } deposited) return deposited;
        if (refill.InDoubt is null) request = request with { LeaseId = NewLeaseId() };
        refill.InDoubt ??= new Refill.Doubt(request.LeaseId, Undeposited: null);
        var answer = await LeaseAsync(account, request);
        if (answer.Kind == PoolAnswerKind.Turn) answer = await AskAsync(account, meter, request, wanted, turn: answer);
        return Take(account, request, answer);
    }

    private long Wanted(Refill refill, Meter meter, long needed, long cover)
    {
        var most = Math.Min(options.MaxBatch, provider.MaxUsesPerEntitlement) * meter.HoldUnits;
        var wanted = Math.Clamp(Math.Max(cover, refill.Waiting), options.MinBatch * meter.HoldUnits, most);
        return Math.Max(needed, Math.Min(wanted, refill.Cap));
    }

    /// <summary>Where the last attempt ended with an entitlement that the pool did not confirm: deposits it again, and takes its lease.</summary>
    /// <returns>Null when nothing came of it; then nothing is in doubt any more, or only a lease.</returns>
    private async Task<RefillOutcome?> ResolveDepositAsync(Account account, LeaseRequest request)
    {
        if (account.Refill.InDoubt?.Undeposited is not { } undeposited) return null;
        var answer = await TryDepositAsync(account, request, undeposited) ?? throw Unconfirmed();
        if (answer.Kind == PoolAnswerKind.Leased) return Take(account, request, answer);
        Forget(account, answer.Kind);
        return null;
    }

    private Guid NewLeaseId() => Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>Asks the pool, and again for as long as another node is at the provider: what that one gets may do for both.</summary>
    private async Task<PoolAnswer> LeaseAsync(Account account, LeaseRequest request)
    {
        var started = clock.GetTimestamp();
        for (var pause = FirstPoll; ; pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll)
        {
            var asked = Instant.Now(clock);
            var answer = await pool.LeaseAsync(account.Id, request);
            if (answer.Kind != PoolAnswerKind.Wait || clock.GetElapsedTime(started) > TurnPatience) return answer with { AskedAt = asked };
            await Task.Delay(answer.Remaining < pause ? answer.Remaining : pause, clock);
        }
    }

    /// <summary>It is this node's turn: asks the provider for what is wanted, then for less and less, and puts what it gets into the pool.</summary>
    private async Task<PoolAnswer> AskAsync(Account account, Meter meter, LeaseRequest request, long wanted, PoolAnswer turn)
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
                    return await DepositAsync(account, request, grant.Entitlement!, turn, asked);
                case GrantOutcome.NoFunds when units > request.Least:
                    refill.LowerCap(units / 2);
                    break;
                case GrantOutcome.NoFunds:
                    refill.LowerCap(request.Least);
                    return await FromShadowAsync(account, meter, request, turn) ?? await PassAsync(account.Id, PoolAnswerKind.Short, request.Least, _noFunds);
                case GrantOutcome.Ambiguous:
                    Freeze(account, units); // not asked again at once: a second entitlement would freeze as much again
                    Log.Ambiguous(logger, account.Id, units, grant.Reason);
                    return await PassAsync(account.Id, PoolAnswerKind.Away, units: 0, account.Mishaps.BackOff());
                default:
                    Log.Refused(logger, account.Id, grant.Reason);
                    return await PassAsync(account.Id, PoolAnswerKind.Away, units: 0, grant.RetryAfter is { } wait && wait > _noFunds ? wait : _noFunds);
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
        return await DepositAsync(account, request, new Entitlement(units.Entitlement, units.Units, units.Uses, life), turn, asked, isPart: true);
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
            Log.PoolAway(logger, shadow, e.Message);
            return false;
        }
    }

    /// <summary>
    /// Puts a new entitlement into the pool. A failure leaves it in doubt: the next attempt deposits it again, which is harmless in the same epoch.
    /// </summary>
    /// <param name="asked">When the provider was asked for it.</param>
    /// <param name="isPart">The pool may have another part of it.</param>
    private async Task<PoolAnswer> DepositAsync(
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

    private async Task<PoolAnswer?> TryDepositAsync(Account account, LeaseRequest request, PooledUnits undeposited)
    {
        var asked = Instant.Now(clock);
        try
        {
            var answer = await pool.DepositAsync(account.Id, request, undeposited);
            return answer with { AskedAt = asked };
        }
        catch (Exception e)
        {
            Log.DepositFailed(logger, account.Id, e.Message);
            return null;
        }
    }

    private static TimeoutException Unconfirmed() => new("the pool did not confirm a deposit; it is tried again with the next refill");

    private async Task<PoolAnswer> PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause)
    {
        try
        {
            await pool.PassAsync(account, reason, units, pause);
        }
        catch (Exception e)
        {
            Log.PassFailed(logger, account, e.Message); // the turn ends by itself
        }

        return new PoolAnswer(reason, Remaining: pause);
    }

    private RefillOutcome Take(Account account, LeaseRequest request, PoolAnswer answer)
    {
        var refill = account.Refill;
        switch (answer.Kind)
        {
            case PoolAnswerKind.Leased:
                Take(account, request.LeaseId, answer.Lease!, answer.AskedAt);
                account.EndOutage();
                return new RefillOutcome(RefillResult.Granted, request.Least, TimeSpan.Zero);
            case PoolAnswerKind.Short:
                refill.InDoubt = null;
                account.EndOutage();
                return new RefillOutcome(RefillResult.NoFunds, request.Least, answer.Remaining);
            case PoolAnswerKind.Kept or PoolAnswerKind.Fenced:
                // Were it asked for again at once, every request would set aside as much again.
                Forget(account, answer.Kind);
                return new RefillOutcome(RefillResult.Unavailable, request.Least, account.Mishaps.BackOff());
            default:
                refill.InDoubt = null;
                return new RefillOutcome(RefillResult.Unavailable, request.Least, answer.Kind == PoolAnswerKind.Away ? answer.Remaining : _noFunds);
        }
    }

    private void Take(Account account, Guid leaseId, PoolLease lease, Instant asked)
    {
        var units = lease.Units;
        var position = ledger.Append(new LeaseTaken(leaseId, account.Id, units.Entitlement, units.Units, units.Uses, units.ExpiresAt, units.Epoch));
        metrics.Leased(account.Id.Metric, units.Units);
        account.DropFinished(); // a fast account finishes dozens of them from one pass of IdleAccounts to the next, and every request looks at all
        account.Add(new Lease(leaseId, units, closes: asked.After(lease.Life - _margin, clock), ends: asked.After(lease.Life, clock)) { TakenAt = position });
        account.Refill.InDoubt = null; // whatever else fails, the same lease must not be added again
        if (lease.Carry > 0) TakeOver(account, lease.Carry);
    }

    /// <summary>Once: the pool has it no more, and would tell of it again if this were to fail.</summary>
    private void TakeOver(Account account, int microUnits)
    {
        var carry = account.TakeOver(microUnits);
        try
        {
            ledger.Append(new CarrySnapshot(account.Id, carry));
        }
        catch (JournalUnavailableException e)
        {
            Log.FractionNotKept(logger, account.Id, e.Message); // the next charge tells the journal; a crash before that forgives it
        }
    }

    /// <summary>The entitlement can not be used: the pool was lost or moved while it was deposited, or it ends too soon.</summary>
    private void Forget(Account account, PoolAnswerKind answer)
    {
        if (account.Refill.InDoubt?.Undeposited is { } undeposited) Freeze(account, undeposited.Units);
        Log.NotDeposited(logger, account.Id, answer);
        account.Refill.InDoubt = null; // an operation id that has its answer is never used again
    }

    private void Freeze(Account account, long units)
    {
        account.Freeze(units);
        metrics.Frozen(account.Id.Metric, units);
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Error, "No units for {Account}.")]
        public static partial void Failed(ILogger logger, AccountId account, Exception e);

        [LoggerMessage(316, LogLevel.Warning, "No units for {Account}: the pool does not answer. {Reason}")]
        public static partial void PoolAway(ILogger logger, AccountId account, string reason);

        [LoggerMessage(311, LogLevel.Warning, "No usable answer to a request for {Units} units for {Account}; they may be frozen until the entitlement expires. {Reason}")]
        public static partial void Ambiguous(ILogger logger, AccountId account, long units, string reason);

        [LoggerMessage(312, LogLevel.Error, "The provider refused an entitlement for {Account}: {Reason}")]
        public static partial void Refused(ILogger logger, AccountId account, string reason);

        [LoggerMessage(313, LogLevel.Warning, "The pool did not confirm the deposit for {Account}: {Reason}")]
        public static partial void DepositFailed(ILogger logger, AccountId account, string reason);

        [LoggerMessage(314, LogLevel.Warning, "The pool could not be told that the provider gave nothing for {Account}: {Reason}")]
        public static partial void PassFailed(ILogger logger, AccountId account, string reason);

        [LoggerMessage(317, LogLevel.Warning, "The journal did not take the fraction of a unit that {Account} carries; it is with the next charge. {Reason}")]
        public static partial void FractionNotKept(ILogger logger, AccountId account, string reason);

        [LoggerMessage(315, LogLevel.Warning, "An entitlement for {Account} stays unused until it ends ({Answer}): the pool was lost or moved, or it ends too soon.")]
        public static partial void NotDeposited(ILogger logger, AccountId account, PoolAnswerKind answer);
    }
}
