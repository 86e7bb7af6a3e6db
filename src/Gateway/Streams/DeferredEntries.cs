using Gateway.Billing;
using Gateway.Shipping;
using StackExchange.Redis;

namespace Gateway.Streams;

/// <summary>Entries whose events the provider did not decide while it did decide others, by their request. Thread-safe.</summary>
internal sealed class DeferredEntries(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Deferred> _entries = [];

    public int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    public void Put(Guid requestId, List<RedisValue> ids, IReadOnlyList<UsageEvent> undecided)
    {
        lock (_gate)
        {
            var attempts = _entries.TryGetValue(requestId, out var before) ? before.Attempts : 0;
            _entries[requestId] = new Deferred(ids, undecided, clock.GetTimestamp() + Deferral.Ticks(attempts, clock), attempts + 1, IsOut: false);
        }
    }

    public void Remove(Guid requestId)
    {
        lock (_gate) _entries.Remove(requestId);
    }

    /// <summary>Those whose time has come, each alone; they are not given again until they are put or a new reading begins.</summary>
    public List<StreamBatch> Take(bool all)
    {
        var now = clock.GetTimestamp();
        lock (_gate)
        {
            List<StreamBatch> due = [];
            foreach (var (requestId, entry) in _entries.Where(e => !e.Value.IsOut && (all || e.Value.DueTimestamp <= now)).ToList())
            {
                _entries[requestId] = entry with { IsOut = true };
                due.Add(new StreamBatch(entry.Undecided, new Dictionary<Guid, List<RedisValue>> { [requestId] = entry.Ids }, IsDeferred: true));
            }

            return due;
        }
    }

    /// <summary>Nothing is out any more: a new reading begins.</summary>
    public IReadOnlyList<RedisValue> TakeBack()
    {
        lock (_gate)
        {
            foreach (var (requestId, entry) in _entries.ToList()) _entries[requestId] = entry with { IsOut = false };
            return [.. _entries.Values.SelectMany(e => e.Ids)];
        }
    }

    private sealed record Deferred(List<RedisValue> Ids, IReadOnlyList<UsageEvent> Undecided, long DueTimestamp, int Attempts, bool IsOut);
}
