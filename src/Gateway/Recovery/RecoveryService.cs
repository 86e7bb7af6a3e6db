using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;

namespace Gateway.Recovery;

/// <summary>
/// Before the first request: takes up what the journal says was left. Unspent leases go back to the pool under the same operation id that an
/// orderly shutdown uses, so a crash between the pool's answer and the journal's record returns nothing twice.
/// </summary>
internal sealed partial class RecoveryService(
    UsageJournal journal, AccountTable accounts, RedisConnection redis, IEntitlementPool pool, ShippingCursor cursor, RecoveredLeases pending, TimeProvider clock,
    ILogger<RecoveryService> logger) : BackgroundService
{
    // How long the start waits for a pool that is away. Later the returns go on beside the requests.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var replayed = ReplayedJournal.Read(journal);
        cursor.Through = replayed.ShippedThrough;
        foreach (var (account, carry) in replayed.Carries) accounts.Recover(account, carry);
        var leases = replayed.Leases.Where(l => l.Taken.ExpiresAt > clock.GetUtcNow()).ToList();
        pending.Set(leases);
        Log.Recovered(logger, replayed.Records, replayed.UnshippedSettlements, leases.Count, leases.Sum(l => l.UnitsLeft));

        using var patience = new CancellationTokenSource(StartPatience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await redis.DatabaseAsync().AsTask().WaitAsync(both.Token); // the first request shall not wait for the connection
            await ReturnAllAsync(both.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.PoolAway(logger, e.Message);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => ReturnAllAsync(stoppingToken);

    private async Task ReturnAllAsync(CancellationToken cancellationToken)
    {
        while (pending.First is { } lease)
        {
            try
            {
                var rest = new PooledUnits(lease.Taken.Entitlement, lease.UnitsLeft, lease.UsesLeft, lease.Taken.ExpiresAt);
                await pool.ReturnAsync(lease.Taken.Account, lease.Taken.LeaseId, rest).WaitAsync(cancellationToken);
                journal.Append(new LeaseReturned(lease.Taken.LeaseId, rest.Units, rest.Uses));
                pending.Remove(lease);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.ReturnFailed(logger, lease.Taken.LeaseId, e.Message);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(800, LogLevel.Information,
            "The journal has {Records} records: {Unshipped} settled requests to report, {Leases} unspent leases with {Units} units to return to the pool.")]
        public static partial void Recovered(ILogger logger, long records, long unshipped, int leases, long units);

        [LoggerMessage(801, LogLevel.Warning, "Redis does not answer yet; until it does no new lease can be taken. {Reason}")]
        public static partial void PoolAway(ILogger logger, string reason);

        [LoggerMessage(802, LogLevel.Warning, "Lease {Lease} could not be returned yet: {Reason}")]
        public static partial void ReturnFailed(ILogger logger, Guid lease, string reason);
    }
}
