using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>At shutdown, when the last request has ended: gives what the leases have left back to the pool, for other nodes or the next start.</summary>
internal sealed partial class LeaseDrain(
    AccountTable accounts, IEntitlementPool pool, UsageJournal journal, TimeProvider clock, ILogger<LeaseDrain> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var (returned, kept) = (0L, 0L);
        foreach (var account in accounts.All)
        {
            foreach (var lease in account.Leases.ToArray())
            {
                if (!lease.IsOpen(clock.GetUtcNow())) continue;
                var units = lease.UnitsLeft;
                if (cancellationToken.IsCancellationRequested || !await TryReturnAsync(account, lease)) kept += units;
                else returned += units;
            }
        }

        Log.Drained(logger, returned, kept);
    }

    private async Task<bool> TryReturnAsync(Account account, Lease lease)
    {
        // The journal closes the lease after the pool has the rest. A crash between the two, or a pool that is away, leaves it open: the next
        // start returns it again under the same operation id.
        var rest = new PooledUnits(lease.Entitlement, lease.UnitsLeft, lease.UsesLeft, lease.ExpiresAt);
        if (rest is { Units: 0 } or { Uses: 0 }) return true;
        try
        {
            await pool.ReturnAsync(account.Id, lease.Id, rest);
            lease.Surrender();
            journal.Append(new LeaseReturned(lease.Id, rest.Units, rest.Uses));
            return true;
        }
        catch (Exception e)
        {
            Log.ReturnFailed(logger, lease.Id, e);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(330, LogLevel.Information, "Returned {Returned} unspent units to the pool; {Kept} are returned by this node's next start.")]
        public static partial void Drained(ILogger logger, long returned, long kept);

        [LoggerMessage(331, LogLevel.Warning, "Lease {Lease} could not be returned; this node's next start returns it.")]
        public static partial void ReturnFailed(ILogger logger, Guid lease, Exception e);
    }
}
