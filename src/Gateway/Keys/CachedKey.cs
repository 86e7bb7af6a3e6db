using Gateway.Authentication;

namespace Gateway.Keys;

/// <summary>A key that was issued, as it was when it was looked up.</summary>
internal sealed record CachedKey : ApiKey
{
    private volatile bool _isStale;
    private volatile bool _wasUsed;

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

    /// <summary>Since it was put into the cache, or the cache last looked for room: one that is asked for once goes before those that are asked for again.</summary>
    public bool WasUsed
    {
        get => _wasUsed;
        set => _wasUsed = value;
    }

    /// <summary>The cache's search for room that last let it stay: to its end. The cache's alone, under its lock.</summary>
    public byte SparedIn { get; set; }

    /// <summary>Two look-ups are two objects: one may be stale and the other not.</summary>
    public bool Equals(CachedKey? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Hash.GetHashCode();

    public override string ToString() => base.ToString();
}
