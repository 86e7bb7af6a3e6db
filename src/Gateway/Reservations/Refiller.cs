using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>Gets an account more units: out of the pool, or, when that is empty, by a new entitlement at the provider.</summary>
internal sealed partial class Refiller(
    IEntitlementPool pool, IBillingProvider provider, UsageJournal journal, ReservationOptions options, TimeProvider clock, ILogger<Refiller> logger)
{
    private readonly TimeSpan _margin = TimeSpan.FromSeconds(options.ExpiryMarginSeconds);

    /// <summary>Units set aside at the provider that never reached the pool; they come back to the customer's wallet when the entitlement ends.</summary>
    public long FrozenUnits => Interlocked.Read(ref _frozenUnits);

    private long _frozenUnits;

    /// <summary>Starts a refill in the background when little is left. Nobody waits for it.</summary>
    public void RefillAheadIfLow(Account account, Meter meter, long nowTicks)
    {
        var refill = account.Refill;
        if (refill.InFlight || account.Available(nowTicks) > refill.LowWater) return;
        if (refill.Remembered(meter.HoldUnits, clock) is not null) return;
        _ = RefillAsync(account, meter, meter.HoldUnits);
    }

    /// <summary>Joins the account's refill in flight, or starts one. Does not throw: every failure is an outcome.</summary>
    public Task<RefillOutcome> RefillAsync(Account account, Meter meter, long needed) =>
        account.Refill.Remembered(needed, clock) is { } failure
            ? Task.FromResult(failure)
            : account.Refill.JoinOrStart(() => TryRunAsync(account, meter, needed));

    private async Task<RefillOutcome> TryRunAsync(Account account, Meter meter, long needed)
    {
        RefillResult result;
        var rest = TimeSpan.FromMilliseconds(options.NoFundsMilliseconds);
        try
        {
            (result, var wait) = await RunAsync(account, meter, needed);
            if (wait > rest) rest = wait.Value;
        }
        catch (Exception e)
        {
            Log.Failed(logger, account.Id, e);
            result = RefillResult.Unavailable;
        }

        var outcome = new RefillOutcome(result, needed);
        if (result != RefillResult.Granted) account.Refill.Remember(outcome, rest, clock);
        return outcome;
    }

    private async Task<(RefillResult Result, TimeSpan? Wait)> RunAsync(Account account, Meter meter, long needed)
    {
        var refill = account.Refill;
        var cover = (long)(refill.TakeRate(clock) * options.CoverSeconds);
        var wanted = Wanted(refill, meter, needed, cover);

        // One entitlement has uses for 1,000 requests; a fast account is covered by several, fetched one after the other.
        refill.SetLowWater(Math.Max(wanted, cover) / 4);
        if (await LeaseAsync(account, wanted)) return (RefillResult.Granted, null);

        var least = Math.Max(1, needed - account.Available(clock.GetUtcNow().UtcTicks));
        for (var units = wanted; ; units = Math.Max(least, units / 2))
        {
            var uses = (int)Math.Min(units, provider.MaxUsesPerEntitlement);
            var grant = await provider.GrantAsync(
                new GrantRequest(account.Id.Customer, meter.Metric.BillableMetricId, units, uses), CancellationToken.None);
            if (grant.Outcome != GrantOutcome.Ambiguous) refill.Answered();
            switch (grant.Outcome)
            {
                case GrantOutcome.Granted:
                    refill.RaiseCap();
                    await DepositAsync(account, grant.Entitlement!);
                    return (await LeaseAsync(account, wanted) ? RefillResult.Granted : RefillResult.Unavailable, null);
                case GrantOutcome.NoFunds when units > least:
                    refill.LowerCap(units / 2);
                    break;
                case GrantOutcome.NoFunds:
                    refill.LowerCap(least);
                    return (RefillResult.NoFunds, null);
                case GrantOutcome.Ambiguous:
                    Interlocked.Add(ref _frozenUnits, units); // not asked again: a second entitlement would freeze as much again
                    Log.Ambiguous(logger, account.Id, units, grant.Reason);
                    return (RefillResult.Unavailable, refill.BackOff());
                default:
                    Log.Refused(logger, account.Id, grant.Reason);
                    return (RefillResult.Unavailable, grant.RetryAfter);
            }
        }
    }

    private long Wanted(Refill refill, Meter meter, long needed, long cover)
    {
        var most = Math.Min(options.MaxBatch, provider.MaxUsesPerEntitlement) * meter.HoldUnits;
        var wanted = Math.Clamp(Math.Max(cover, refill.Waiting), options.MinBatch * meter.HoldUnits, most);
        return Math.Max(needed, Math.Min(wanted, refill.Cap));
    }

    private async Task DepositAsync(Account account, Entitlement entitlement)
    {
        try
        {
            await pool.DepositAsync(account.Id, entitlement);
        }
        catch (Exception e)
        {
            // The operation id makes a second try safe; a third failure means that the pool is away.
            Log.DepositFailed(logger, account.Id, e);
            try
            {
                await pool.DepositAsync(account.Id, entitlement);
            }
            catch
            {
                Interlocked.Add(ref _frozenUnits, entitlement.Units);
                throw;
            }
        }
    }

    private async Task<bool> LeaseAsync(Account account, long units)
    {
        // Should the answer get lost, the next attempt asks under the same id and learns what this one got.
        var refill = account.Refill;
        var id = refill.LeaseInDoubt ??= Guid.CreateVersion7(clock.GetUtcNow());
        var taken = await pool.LeaseAsync(account.Id, id, units, _margin);
        if (taken is null)
        {
            refill.LeaseInDoubt = null;
            return false;
        }

        var position = journal.Append(new LeaseTaken(id, account.Id, taken.Entitlement, taken.Units, taken.Uses, taken.ExpiresAt));
        refill.LeaseInDoubt = null;
        account.Add(new Lease(id, taken.Entitlement, taken.Units, taken.Uses, taken.ExpiresAt, _margin) { TakenAt = position }, clock.GetUtcNow());
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Error, "No units for {Account}: the pool or the provider failed.")]
        public static partial void Failed(ILogger logger, AccountId account, Exception e);

        [LoggerMessage(311, LogLevel.Warning, "No usable answer to a request for {Units} units for {Account}; they may be frozen until the entitlement expires. {Reason}")]
        public static partial void Ambiguous(ILogger logger, AccountId account, long units, string reason);

        [LoggerMessage(312, LogLevel.Error, "The provider refused an entitlement for {Account}: {Reason}")]
        public static partial void Refused(ILogger logger, AccountId account, string reason);

        [LoggerMessage(313, LogLevel.Warning, "The deposit for {Account} failed and is tried once more.")]
        public static partial void DepositFailed(ILogger logger, AccountId account, Exception e);
    }
}
