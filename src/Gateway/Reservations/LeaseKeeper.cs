using Gateway.Journal;

namespace Gateway.Reservations;

/// <summary>
/// Looks after leases beside the requests: gives those of idle accounts back to the pool, and at shutdown, when the last request has ended, all
/// of them, for other nodes or the next start.
/// </summary>
internal sealed partial class LeaseKeeper(
    IdleAccounts idle, LeaseReturner returner, PendingReturns pending, ILedger ledger, TimeProvider clock, ILogger<LeaseKeeper> logger)
    : PeriodicService(TimeSpan.FromSeconds(1), clock, logger)
{
    /// <summary>What a million customers left must not keep a pass from the leases of those who are here.</summary>
    private const int MostInAPass = 10_000;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var held = idle.GiveUpAll(alsoFractions: !ledger.KeepsFractions);
        await returner.ReturnAllAsync(cancellationToken);
        Log.Drained(logger, pending.Count, held);
    }

    protected override async Task PassAsync(CancellationToken stoppingToken)
    {
        idle.Pass();
        await returner.ReturnAllAsync(stoppingToken, MostInAPass);
    }

    private static partial class Log
    {
        [LoggerMessage(330, LogLevel.Information, "Gave the unspent leases back to the pool; {Pending} of them, and {Held} units that requests still held, are left to this node's next start, or to the end of their entitlements.")]
        public static partial void Drained(ILogger logger, int pending, long held);
    }
}
