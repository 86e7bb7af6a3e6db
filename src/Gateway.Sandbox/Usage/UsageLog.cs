using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using Gateway.Sandbox.Merchant;

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
        var same = first.Complete(again);
        if (first.Content == ContentOf(again)) return same;
        Interlocked.Increment(ref _conflictingDuplicates);
        return Newest(e => e.Id == same.Id).SingleOrDefault() ?? same;
    }

    /// <returns>The event with its identity and its bill.</returns>
    public UsageEvent Add(UsageEvent priced, long number, DateTime at, long cost)
    {
        var key = new AcceptedKey(number, at, cost, ContentOf(priced));
        var accepted = key.Complete(priced);
        _keys[accepted.IdempotencyKey] = key;
        lock (_lock)
        {
            _newest.Enqueue(accepted);
            if (_newest.Count > keep) _newest.Dequeue();
        }

        return accepted;
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
        foreach (var (name, value) in e.Metadata ?? ReadOnlyDictionary<string, string?>.Empty)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>What must outlive the event, without a string: there are millions.</summary>
    private readonly record struct AcceptedKey(long Number, DateTime At, long Cost, int Content)
    {
        public UsageEvent Complete(UsageEvent usage) => usage with
        {
            Id = MerchantState.Id("usg", Number),
            CreatedAt = At.ToString("O"),
            Billing = new UsageBilling(MerchantState.Id("bev", Number), "USD", null, Cost, 0, Cost),
        };
    }
}
