using System.Collections.Frozen;
using System.Threading.RateLimiting;
using Gateway.Model;

namespace Gateway.Authentication;

/// <summary>What a key may do, and who pays for it. Holds nothing of the key but its hash.</summary>
internal record ApiKey
{
    public required ApiKeyHash Hash { get; init; }

    public required CustomerId Customer { get; init; }

    /// <summary>What few keys have; null for most.</summary>
    public KeyTerms? Terms { get; init; }

    /// <inheritdoc cref="KeyTerms.PaymentUrl"/>
    public string? PaymentUrl => Terms?.PaymentUrl;

    /// <inheritdoc cref="KeyTerms.Routes"/>
    public FrozenSet<string>? Routes => Terms?.Routes;

    /// <inheritdoc cref="KeyTerms.RequestsPerSecond"/>
    public int? RequestsPerSecond => Terms?.RequestsPerSecond;

    /// <inheritdoc cref="KeyTerms.Limiter"/>
    public RateLimiter? Limiter => Terms?.Limiter;

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
