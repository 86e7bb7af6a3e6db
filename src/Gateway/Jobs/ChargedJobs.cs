using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Gateway.Jobs;

/// <summary>
/// Jobs that this node charges or has charged. Redis is told of each, for all nodes; when it can not be told, or forgets in a failover what it was told last, this node knows for as
/// long as another claim could come of it. A node that starts again takes them up from its journal.
/// </summary>
internal sealed class ChargedJobs(JobStore store, TimeProvider clock)
{
    /// <summary>Longer than a claim lasts: whoever can have one of these now has asked after Redis was told.</summary>
    public static readonly TimeSpan Kept = 2 * JobStore.ClaimFor;

    private const int AtOnce = 100;
    private readonly ConcurrentDictionary<Guid, Note> _notes = new();

    public bool Has(Guid id) => _notes.ContainsKey(id);

    /// <summary>False: it is charged by another request of this node, or was.</summary>
    /// <param name="id">The job's.</param>
    /// <param name="remember">How long Redis is to know it.</param>
    public bool TryBegin(Guid id, TimeSpan remember) => _notes.TryAdd(id, new Note(remember, clock.GetTimestamp()));

    /// <summary>The charge is kept: it counts, and is to be told.</summary>
    public void IsKept(Guid id) => _notes[id].IsKept = true;

    /// <summary>There is no charge after all.</summary>
    public void Abandon(Guid id) => _notes.TryRemove(id, out _);

    /// <summary>Tells Redis of one. When that fails <see cref="TellAllAsync"/> will.</summary>
    public async Task TellAsync(Guid id)
    {
        try
        {
            await TellOrThrowAsync(id);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It is charged all the same.
        }
    }

    /// <summary>
    /// Tells Redis of what it was not told of yet, and forgets what it was told long ago. Throws <see cref="RedisException"/> or <see cref="TimeoutException"/> when it does not answer.
    /// </summary>
    public async Task TellAllAsync()
    {
        foreach (var some in _notes.Where(n => n.Value is { IsKept: true, IsTold: false }).Select(n => n.Key).Chunk(AtOnce)) await Task.WhenAll(some.Select(TellOrThrowAsync));
        foreach (var (id, note) in _notes)
        {
            if (note.IsTold && clock.GetElapsedTime(note.Since) >= Kept) _notes.TryRemove(id, out _);
        }
    }

    private async Task TellOrThrowAsync(Guid id)
    {
        if (!_notes.TryGetValue(id, out var note)) return;
        await store.ChargedAsync(id.ToString("N"), note.Remember);
        note.IsTold = true;
    }

    private sealed class Note(TimeSpan remember, long since)
    {
        public TimeSpan Remember => remember;

        public long Since => since;

        public volatile bool IsKept;
        public volatile bool IsTold;
    }
}
