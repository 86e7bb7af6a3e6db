using System.Collections.Frozen;
using System.Threading.RateLimiting;

namespace Gateway.Authentication;

/// <summary>What few keys have: limits, an end, a secret that was replaced, a payment to wait for. Apart from the key, for there may be a million of those.</summary>
internal sealed record KeyTerms
{
    private static readonly KeyTerms None = new();

    /// <summary>Where this customer can pay, or null.</summary>
    public string? PaymentUrl { get; init; }

    /// <summary>Route ids this key may use; null: all.</summary>
    public FrozenSet<string>? Routes { get; init; }

    /// <summary>Requests a second; null: no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Null: no limit. Asked through <see cref="ApiKey.TryTakeTurn"/>.</summary>
    public RateLimiter? Limiter { get; init; }

    public ApiKeyHash PreviousHash { get; init; }

    /// <summary>Until then the secret before the last rotation is good too.</summary>
    public DateTimeOffset PreviousUntil { get; init; } = DateTimeOffset.MinValue;

    public DateTimeOffset ExpiresAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>The subscription that is not paid for yet, or null.</summary>
    public string? PendingSubscription { get; init; }

    public ConcurrencyLimit? Concurrency { get; init; }

    /// <summary>Null when there is nothing in them.</summary>
    public KeyTerms? OrNone() => this == None ? null : this;
}

/// <summary>Requests of one key at the same time, on this node.</summary>
internal sealed class ConcurrencyLimit
{
    private int _running;

    private ConcurrencyLimit(int most) => Most = most;

    public int Most { get; }

    public static ConcurrencyLimit? Of(int? most) => most is { } limit ? new ConcurrencyLimit(limit) : null;

    /// <summary>False when there are as many as may be. Each true wants one <see cref="Exit"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= Most) return true;
        Interlocked.Decrement(ref _running);
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref _running) < 0) throw new InvalidOperationException("More requests ended than began.");
    }
}
