using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Shipping;

namespace Gateway.Recovery;

/// <summary>
/// Before the first request: takes up what the journal says was left. Unspent leases and fractions go back to the pool under the same operation id
/// that the run before used, so a crash between the pool's answer and the journal's record returns nothing twice.
/// </summary>
internal sealed partial class RecoveryService(
    UsageJournal journal, SegmentSealer sealer, NodeIdentity node, HoldRecovery holds, JobRecovery jobs, OpenShipments shipments, AccountTable accounts,
    RedisConnection redis, PendingReturns pending, LeaseReturner returner, TimeProvider clock, ILogger<RecoveryService> logger) : IHostedService
{
    // How long the start waits for a pool that is away. Later the returns go on beside the requests.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var replayed = ReplayedJournal.Read(journal, shipments);
        journal.Append(new NodeStarted(node.Id, replayed.Incarnation + 1, clock.GetUtcNow()));
        sealer.GoOnFrom(replayed.LastSeal);
        holds.Decide(replayed);
        jobs.TakeUp(replayed);
        replayed.GiveBack(accounts, pending);
        var leases = replayed.Leases.ToList();
        Log.Recovered(logger, replayed.Records, replayed.UnshippedSettlements, leases.Count, leases.Sum(l => l.UnitsLeft));

        using var patience = new CancellationTokenSource(StartPatience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await redis.DatabaseAsync().AsTask().WaitAsync(both.Token); // the first request shall not wait for the connection
            await returner.ReturnAllAsync(both.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.PoolAway(logger, e.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(800, LogLevel.Information,
            "The journal has {Records} records: {Unshipped} settled requests to report, {Leases} unspent leases with {Units} units to return to the pool.")]
        public static partial void Recovered(ILogger logger, long records, long unshipped, int leases, long units);

        [LoggerMessage(801, LogLevel.Warning, "Redis does not answer yet; until it does no new lease can be taken. {Reason}")]
        public static partial void PoolAway(ILogger logger, string reason);
    }
}
