using System.Collections.Concurrent;

namespace Gateway.Sandbox.Usage;

/// <summary>Accepted events: every key for ever, the newest events whole.</summary>
internal sealed class UsageLog(int keep)
{
    private readonly ConcurrentDictionary<string, AcceptedKey> _keys = new(StringComparer.Ordinal);
    private readonly Queue<UsageEvent> _newest = new();
    private readonly Lock _lock = new();
    private long _duplicates;
    private long _conflictingDuplicates;
    private long _refused;

    public long Duplicates => Interlocked.Read(ref _duplicates);

    public long ConflictingDuplicates => Interlocked.Read(ref _conflictingDuplicates);

    public long Refused => Interlocked.Read(ref _refused);

    public long Accepted => _keys.Count;

    public void CountRefusal() => Interlocked.Increment(ref _refused);

    /// <summary>The event accepted before under this key, or null.</summary>
    public UsageEvent? Repeat(string key, UsageEvent again)
    {
        if (!_keys.TryGetValue(key, out var first)) return null;
        Interlocked.Increment(ref _duplicates);
        if (first.Content != ContentOf(again))
        {
            Interlocked.Increment(ref _conflictingDuplicates);
            if (Newest(e => e.Id == first.Id).SingleOrDefault() is { } original) return original;
        }

        return again with { Id = first.Id, CreatedAt = first.CreatedAt, Billing = first.Billing };
    }

    public void Add(UsageEvent accepted)
    {
        _keys[accepted.IdempotencyKey] = new AcceptedKey(accepted.Id, accepted.CreatedAt, accepted.Billing, ContentOf(accepted));
        lock (_lock)
        {
            _newest.Enqueue(accepted);
            if (_newest.Count > keep) _newest.Dequeue();
        }
    }

    public IReadOnlyList<UsageEvent> Newest(Func<UsageEvent, bool> wanted)
    {
        lock (_lock) return [.. _newest.Where(wanted)];
    }

    public void Replace(UsageEvent changed)
    {
        lock (_lock)
        {
            var all = _newest.Select(e => e.Id == changed.Id ? changed : e).ToList();
            _newest.Clear();
            all.ForEach(_newest.Enqueue);
        }
    }

    private static int ContentOf(UsageEvent e)
    {
        var hash = new HashCode();
        hash.Add(e.CustomerId);
        hash.Add(e.EntitlementId);
        hash.Add(e.Timestamp);
        foreach (var property in e.Properties) hash.Add(property);
        foreach (var (name, value) in e.Metadata ?? new Dictionary<string, string?>()) hash.Add((name, value));
        return hash.ToHashCode();
    }

    private sealed record AcceptedKey(string Id, string CreatedAt, UsageBilling? Billing, int Content);
}
