using BitFaster.Caching.Lru;
using Gateway.Authentication;

namespace Gateway.Keys;

/// <summary>Issued keys in memory, and ids that nobody issued. Both bounded, apart from each other: guessed keys push out no good one. Thread-safe.</summary>
internal sealed class KeyCache(int capacity)
{
    private const int MostUnknown = 100_000;
    private static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(30);

    private readonly ConcurrentLru<KeyId, CachedKey> _known = new(concurrencyLevel: Environment.ProcessorCount, capacity, EqualityComparer<KeyId>.Default);
    private readonly ConcurrentTLru<KeyId, byte> _unknown = new(
        concurrencyLevel: Environment.ProcessorCount, MostUnknown, EqualityComparer<KeyId>.Default, UnknownFor);

    public int Count => _known.Count;

    public bool TryFind(KeyId id, out CachedKey found) => _known.TryGet(id, out found!);

    public bool IsUnknown(KeyId id) => _unknown.TryGet(id, out _);

    /// <param name="id">Whose.</param>
    /// <param name="key">Null: nobody issued it, or it was revoked.</param>
    /// <param name="version">The record's.</param>
    /// <param name="now">When it was looked up.</param>
    public void Put(KeyId id, ApiKey? key, int version, long now)
    {
        if (key is not null)
        {
            _known.AddOrUpdate(id, new CachedKey(key, version, now, IsStale: false));
            _unknown.TryRemove(id);
            return;
        }

        _known.TryRemove(id);
        _unknown.AddOrUpdate(id, 0);
    }

    /// <summary>It changed: it has to be looked up again, unless that is what is known already. What it was is kept for its limits only.</summary>
    public void Invalidate(KeyChange change)
    {
        _unknown.TryRemove(change.Id);
        if (_known.TryGet(change.Id, out var found) && found.Version < change.Version) _known.TryUpdate(change.Id, found with { IsStale = true });
    }

    public void InvalidateAll()
    {
        _unknown.Clear();
        foreach (var id in _known.Keys) Invalidate(new KeyChange(id, int.MaxValue));
    }
}

/// <param name="Version">The record's.</param>
/// <param name="LookedUp">A timestamp.</param>
/// <param name="IsStale">It has changed since.</param>
internal sealed record CachedKey(ApiKey Key, int Version, long LookedUp, bool IsStale);
