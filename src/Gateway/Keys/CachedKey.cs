using Gateway.Authentication;

namespace Gateway.Keys;

/// <summary>A key that was issued, as it was when it was looked up.</summary>
internal sealed record CachedKey : ApiKey
{
    private volatile bool _isStale;
    private volatile bool _wasUsed = true;

    /// <summary>The record's.</summary>
    public required int Version { get; init; }

    /// <summary>A timestamp.</summary>
    public required long LookedUp { get; init; }

    /// <summary>It has changed since.</summary>
    public bool IsStale
    {
        get => _isStale;
        set => _isStale = value;
    }

    /// <summary>Since the cache last looked for room.</summary>
    public bool WasUsed
    {
        get => _wasUsed;
        set => _wasUsed = value;
    }

    /// <summary>Two look-ups are two objects: one may be stale and the other not.</summary>
    public bool Equals(CachedKey? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Hash.GetHashCode();

    public override string ToString() => base.ToString();
}
