using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Gateway.Idempotency;

/// <summary>
/// Requests under keys of their clients'. A claim is renewed while its request runs, however long. When Redis is away at its end, the claim lapses, and
/// the next request under the key is charged under the same receipt: to the provider that is the same charge.
/// </summary>
internal sealed partial class IdempotencyClaims(IdempotencyStore store, TimeProvider clock, ILogger<IdempotencyClaims> logger) : BackgroundService
{
    /// <summary>How long a key is taken after its node has died.</summary>
    public static readonly TimeSpan ClaimFor = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<IdempotencyClaim, byte> _running = new();

    /// <summary>The claim; null when the request must not be forwarded, and the state says why. Throws what the store throws.</summary>
    public async Task<(IdempotencyClaim? Claim, KeyState State)> TryClaimAsync(string name, string fingerprint, Guid requestId, IdempotencyOptions options)
    {
        var (state, receipt) = await store.ClaimAsync(name, fingerprint, requestId, ClaimFor, options);
        if (state is not (KeyState.Claimed or KeyState.Charged)) return (null, state);
        var claim = new IdempotencyClaim(this, name, receipt, isRepeat: state == KeyState.Charged);
        if (!claim.IsRepeat) _running.TryAdd(claim, 0);
        return (claim, state);
    }

    public ValueTask ChargedAsync(IdempotencyClaim claim) => TellAsync(() => store.ChargedAsync(claim.Name, claim.Receipt));

    public ValueTask EndAsync(IdempotencyClaim claim, bool forget)
    {
        _running.TryRemove(claim, out _);
        return forget ? TellAsync(() => store.ReleaseAsync(claim.Name, claim.Receipt)) : ValueTask.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Renewal, clock);
        using var stop = stoppingToken.Register(timer.Dispose); // a wait then ends with false
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            await Task.WhenAll(_running.Keys.Select(c => TellAsync(() => store.RenewAsync(c.Name, c.Receipt, ClaimFor)).AsTask()));
        }
    }

    private async ValueTask TellAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Log.NotTold(logger, e.GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(970, LogLevel.Warning,
            "What became of a request under an Idempotency-Key could not be noted ({Reason}). Sent again within half a minute it is refused (409); after that it is charged under the same receipt.")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
