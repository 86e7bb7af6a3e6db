using System.Collections.Frozen;
using System.Threading.RateLimiting;
using Gateway.Model;

namespace Gateway.Authentication;

/// <summary>What a key may do, and who pays for it. Holds nothing of the key but its hash.</summary>
internal sealed record ApiKey
{
    public required ApiKeyHash Hash { get; init; }

    public required CustomerId Customer { get; init; }

    /// <summary>Where this customer can pay, or null.</summary>
    public string? PaymentUrl { get; init; }

    /// <summary>Route ids this key may use; null: all.</summary>
    public FrozenSet<string>? Routes { get; init; }

    /// <summary>Requests a second; null: no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Null: no limit. Asked through <see cref="TryTakeTurn"/>.</summary>
    public RateLimiter? Limiter { get; init; }

    /// <summary>Null for most keys.</summary>
    public KeyTerms? Terms { get; init; }

    /// <summary>For logs.</summary>
    public string Id => Hash.ShortId;

    public bool MayUse(string routeId) => Routes is null || Routes.Contains(routeId);

    /// <summary>False: this key makes more requests than its limit.</summary>
    public bool TryTakeTurn()
    {
        if (Limiter is null) return true;

        (Limiter as ReplenishingRateLimiter)?.TryReplenish();
        using var lease = Limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    /// <summary>
    /// One token becomes due every 1/n second and the bucket holds n. It is filled when it is asked, so that a thousand keys need no
    /// thousand timers and nothing is left to dispose.
    /// </summary>
    public static RateLimiter? LimiterFor(int? requestsPerSecond) => requestsPerSecond is not { } n ? null : new TokenBucketRateLimiter(new()
    {
        TokenLimit = n,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromTicks(TimeSpan.TicksPerSecond / n),
        QueueLimit = 0,
        AutoReplenishment = false,
    });

    public override string ToString() => $"key {Id} of {Customer}";
}
