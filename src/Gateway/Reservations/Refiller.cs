using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Pricing;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Reservations;

/// <summary>
/// Gets an account more units: out of the pool, or, when that is empty, by a new entitlement at the provider. One attempt per account in this
/// process, and one call to the provider per account over all nodes: the pool gives turns.
/// </summary>
internal sealed class Refiller(
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
    private readonly Deposits _deposits = new(pool, metrics, clock, logger);
    private readonly ProviderTurn _turn = new(
        pool, provider, new Deposits(pool, metrics, clock, logger), metrics, noFunds: TimeSpan.FromMilliseconds(options.NoFundsMilliseconds), clock, logger);

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
        if (answer.Kind == PoolAnswerKind.Turn) answer = await _turn.PassAsync(account.Id, PoolAnswerKind.Away, units: 0, TimeSpan.Zero);
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
            if (e is RedisException or TimeoutException) RefillLog.PoolAway(logger, account.Id, e.Message);
            else RefillLog.Failed(logger, account.Id, e);
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
        if (answer.Kind == PoolAnswerKind.Turn) answer = await _turn.AskAsync(account, meter, request, wanted, turn: answer);
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
        var answer = await _deposits.TryDepositAsync(account, request, undeposited) ?? throw Deposits.Unconfirmed();
        if (answer.Kind == PoolAnswerKind.Leased) return Take(account, request, answer);
        _deposits.Forget(account, answer.Kind);
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
                _deposits.Forget(account, answer.Kind);
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
            RefillLog.FractionNotKept(logger, account.Id, e.Message); // the next charge tells the journal; a crash before that forgives it
        }
    }
}
