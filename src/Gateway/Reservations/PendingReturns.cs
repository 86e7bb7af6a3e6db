using System.Collections.Concurrent;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>
/// What this node has given up and the pool may not have yet: the rest of leases, of this run and of earlier ones, and the fractions of retired
/// accounts. The journal still has all of it open, so after a crash the next start finds it again.
/// </summary>
internal sealed class PendingReturns
{
    private readonly ConcurrentQueue<PendingReturn> _queue = new();
    private readonly ConcurrentDictionary<PendingReturn, byte> _open = new();

    public int Count => _open.Count;

    /// <summary>The journal is needed from here on to know the leases; null when there are none.</summary>
    public JournalPosition? Oldest => _open.Keys.Where(p => p.Rest is not null).Select(p => (JournalPosition?)p.TakenAt).Min();

    public void Add(PendingReturn item)
    {
        _open[item] = 0;
        _queue.Enqueue(item);
    }

    /// <summary>Fractions that the journal must go on knowing.</summary>
    public IEnumerable<(AccountId Account, CarryMark Carry)> Carries => _open.Keys.Where(p => p.Rest is null).Select(p => (p.Account, p.Carry));

    /// <summary>Up to <paramref name="most"/> of them, to be worked on; each is given back by <see cref="Done"/> or <see cref="Retry"/>.</summary>
    public List<PendingReturn> Take(int most)
    {
        var taken = new List<PendingReturn>();
        while (taken.Count < most && _queue.TryDequeue(out var item)) taken.Add(item);
        return taken;
    }

    public void Done(PendingReturn item) => _open.TryRemove(item, out _);

    public void Retry(PendingReturn item) => _queue.Enqueue(item);
}

/// <param name="TakenAt">Where the journal has the lease.</param>
/// <param name="Lease">The lease whose rest it is; null for a fraction.</param>
/// <param name="Rest">What goes back. It depends on the journal alone, so that a return tried again after a crash is the same.</param>
/// <param name="Carry">The fraction to stow, where it is one.</param>
/// <param name="Owner">The account as this run has it; null for a lease of an earlier run.</param>
internal sealed record PendingReturn(
    AccountId Account, JournalPosition TakenAt, Guid? Lease, PooledUnits? Rest, CarryMark Carry, Account? Owner = null)
{
    /// <summary>Whether the journal has just this mark, whose version is the operation's; it may be that it refused the last.</summary>
    public bool IsCarryKept { get; init; }

    public static PendingReturn Of(AccountId account, CarryMark carry, bool isKept) =>
        new(account, TakenAt: default, Lease: null, Rest: null, carry) { IsCarryKept = isKept };
}
