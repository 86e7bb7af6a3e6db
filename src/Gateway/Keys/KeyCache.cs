using System.Collections.Concurrent;
using BitFaster.Caching.Lru;

namespace Gateway.Keys;

/// <summary>Issued keys in memory, and ids that nobody issued. Both bounded, apart from each other: guessed keys push out no good one. Thread-safe.</summary>
/// <remarks>
/// A known key costs about 190 bytes with its customer's id (KeyMemoryTests), which is why it is one object in a plain dictionary. When there are too many, a
/// hand goes round as in the CLOCK algorithm: whoever was not used since it last came by goes.
/// </remarks>
internal sealed class KeyCache(int capacity)
{
    private const int MostUnknown = 100_000;
    private static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<KeyId, CachedKey> _known = new();
    private readonly ConcurrentTLru<KeyId, byte> _unknown = new(
        concurrencyLevel: Environment.ProcessorCount, MostUnknown, EqualityComparer<KeyId>.Default, UnknownFor);

    private readonly Lock _sweeping = new();
    private IEnumerator<KeyValuePair<KeyId, CachedKey>>? _hand;
    private byte _search; // from 1 to 255
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TryFind(KeyId id, out CachedKey found)
    {
        if (!_known.TryGetValue(id, out found!)) return false;
        if (!found.WasUsed) found.WasUsed = true; // most of the time it is, and then nothing is written that other processors read
        return true;
    }

    public bool IsUnknown(KeyId id) => _unknown.TryGet(id, out _);

    /// <param name="id">Whose.</param>
    /// <param name="key">Null: nobody issued it, or it was revoked.</param>
    public void Put(KeyId id, CachedKey? key)
    {
        if (key is null)
        {
            if (_known.TryRemove(id, out _)) Interlocked.Decrement(ref _count);
            _unknown.AddOrUpdate(id, 0);
            return;
        }

        while (!_known.TryAdd(id, key))
        {
            if (_known.TryGetValue(id, out var old) && _known.TryUpdate(id, key, old))
            {
                _unknown.TryRemove(id);
                return;
            }
        }

        _unknown.TryRemove(id);
        if (Interlocked.Increment(ref _count) > capacity) MakeRoom();
    }

    /// <summary>It changed: it has to be looked up again, unless that is what is known already. What it was is kept for its limits only.</summary>
    public void Invalidate(KeyChange change)
    {
        _unknown.TryRemove(change.Id);
        if (_known.TryGetValue(change.Id, out var found) && found.Version < change.Version) found.IsStale = true;
    }

    public void InvalidateAll()
    {
        _unknown.Clear();
        foreach (var (id, _) in _known) Invalidate(new KeyChange(id, int.MaxValue));
    }

    private void MakeRoom()
    {
        lock (_sweeping)
        {
            _search = (byte)((_search % byte.MaxValue) + 1);
            for (var looked = 0L; Count > capacity; looked++)
            {
                if (_hand is null || !_hand.MoveNext())
                {
                    _hand = _known.GetEnumerator();
                    continue;
                }

                var entry = _hand.Current;
                var key = entry.Value;
                var mayStay = looked <= 2L * capacity; // all in use, all the time: somebody has to go

                // One is met twice in a search when the hand was in what the dictionary was before it grew.
                if (mayStay && (key.WasUsed || key.SparedIn == _search)) (key.WasUsed, key.SparedIn) = (false, _search);
                else if (_known.TryRemove(entry)) Interlocked.Decrement(ref _count);
            }
        }
    }
}
