namespace Gateway.Authentication;

/// <summary>What few keys have: an end, a secret that was replaced, a payment to wait for, a limit of requests at the same time.</summary>
internal sealed class KeyTerms
{
    public required ApiKeyHash PreviousHash { get; init; }

    /// <summary>Until then the secret before the last rotation is good too.</summary>
    public required DateTimeOffset PreviousUntil { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The subscription that is not paid for yet, or null.</summary>
    public required string? PendingSubscription { get; init; }

    public required ConcurrencyLimit? Concurrency { get; init; }
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
