using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>Gives back to the pool what is in <see cref="PendingReturns"/>, beside the requests, for as long as it takes.</summary>
internal sealed partial class LeaseReturner(
    PendingReturns pending, IEntitlementPool pool, ILedger ledger, NodeIdentity node, ReservationMetrics metrics,
    ILogger<LeaseReturner> logger)
{
    private const int AtOnce = 32;

    /// <summary>Returns all there is now, once each, or about <paramref name="most"/> of it.</summary>
    /// <returns>False when there is more.</returns>
    public async Task<bool> ReturnAllAsync(CancellationToken cancellationToken, int most = int.MaxValue)
    {
        // Work that fails goes to the queue's end, and this pass is over.
        var failed = false;
        for (var done = 0; !failed && done < most && !cancellationToken.IsCancellationRequested && pending.Take(AtOnce) is { Count: > 0 } batch; done += AtOnce)
        {
            failed = (await Task.WhenAll(batch.Select(TryReturnAsync))).Contains(false);
        }

        return !failed && pending.Count == 0;
    }

    private async Task<bool> TryReturnAsync(PendingReturn item)
    {
        try
        {
            // The journal closes it after the pool has it. A crash between the two leaves it open: the next start returns it again, under the
            // same operation id.
            if (item.Rest is { } rest) await ReturnAsync(item, rest);
            else await StowAsync(item);
            pending.Done(item);
            return true;
        }
        catch (Exception e)
        {
            Log.ReturnFailed(logger, item.Account, e.Message);
            pending.Retry(item);
            return false;
        }
    }

    private async Task ReturnAsync(PendingReturn item, PooledUnits rest)
    {
        var leaseId = item.Lease!.Value;
        var outcome = await pool.ReturnAsync(item.Account, leaseId, rest);
        var units = outcome == ReturnOutcome.Returned ? rest.Units : 0;
        ledger.Append(new LeaseReturned(leaseId, units, units > 0 ? rest.Uses : 0));
        if (outcome != ReturnOutcome.Returned) item.Owner?.NotReturned(rest.Units);
        switch (outcome)
        {
            case ReturnOutcome.Returned:
                metrics.Returned(item.Account.Metric, rest.Units);
                break;
            case ReturnOutcome.Expired:
                metrics.Expired(item.Account.Metric, rest.Units);
                break;
            default:
                metrics.Frozen(item.Account.Metric, rest.Units);
                Log.Fenced(logger, item.Account, rest.Units);
                break;
        }
    }

    private async Task StowAsync(PendingReturn item)
    {
        // First, or a start that knows an older one only would put that away under another operation id as well.
        if (!item.IsCarryKept) ledger.Append(new CarrySnapshot(item.Account, item.Carry));
        if (item.Carry.MicroUnits == 0) return;
        await pool.StowAsync(item.Account, $"{node.Id:N}:{item.Carry.Version}", item.Carry.MicroUnits);
        ledger.Append(new CarrySnapshot(item.Account, new CarryMark(0, item.Carry.Version + 1)));
    }

    private static partial class Log
    {
        [LoggerMessage(331, LogLevel.Warning, "{Account}: unspent units could not be given back to the pool yet: {Reason}")]
        public static partial void ReturnFailed(ILogger logger, AccountId account, string reason);

        [LoggerMessage(332, LogLevel.Warning, "{Account}: {Units} unspent units stay at the provider until their entitlement ends: the pool was lost or moved since they were leased.")]
        public static partial void Fenced(ILogger logger, AccountId account, long units);
    }
}
