using Gateway.Model;
using StackExchange.Redis;

namespace Gateway.Reservations.Pool;

/// <summary>
/// Before the first request: has the pool's scripts run once, for nobody. What a new process compiles for that, most of all where Redis is embedded, takes
/// longer on a busy machine than the two seconds that a request waits for its units: it was refused then.
/// </summary>
internal sealed class PoolWarmUp(IEntitlementPool pool) : IHostedService
{
    private static readonly AccountId Nobody = new(new CustomerId("~nobody"), new MetricName("~nothing")); // no configured name has a tilde

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var request = new LeaseRequest(Guid.CreateVersion7(), Units: 1, Least: 1, TakesCarry: false);
        var ended = new PooledUnits(new EntitlementId("~none"), Epoch: "", Units: 1, Uses: 1, DateTimeOffset.UnixEpoch); // neither deposited nor taken back
        try
        {
            await pool.LeaseAsync(Nobody, request);
            await pool.DepositAsync(Nobody, request, ended);
            await pool.ReturnAsync(Nobody, request.LeaseId, ended);
            await pool.PassAsync(Nobody, PoolAnswerKind.Away, units: 0, TimeSpan.Zero);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Who needs units will find out whether it is still away.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
