using System.Collections.Concurrent;
using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>The accounts this process works with. Those not used for a while are retired: see <see cref="IdleAccounts"/>.</summary>
internal sealed class AccountTable(TimeProvider clock)
{
    private readonly ConcurrentDictionary<AccountId, Account> _accounts = new(AccountIdComparer.Instance);
    private long _marked;

    public IEnumerable<Account> All => _accounts.Select(a => a.Value);

    public int Count => _accounts.Count;

    public Account Get(AccountId id) => _accounts.TryGetValue(id, out var account) ? account : Create(id);

    public Account? Find(AccountId id) => _accounts.GetValueOrDefault(id);

    /// <summary>The account, safe from being retired until <see cref="Account.Unpin"/>.</summary>
    public Account Pin(AccountId id)
    {
        var wait = new SpinWait();
        while (true)
        {
            var account = Get(id);
            if (account.TryPin()) return account;
            wait.SpinOnce(); // it is being retired: in a moment it is out of the table, or back
        }
    }

    public void Remove(Account account)
    {
        if (account.HasCarried) MarkedThrough(account.Carry.Version + 1); // one more tells that the fraction was put away
        _accounts.TryRemove(new KeyValuePair<AccountId, Account>(account.Id, account));
    }

    /// <summary>The journal may have marks of accounts that are not here up to this version. A later one of theirs must not look older.</summary>
    public void MarkedThrough(long version)
    {
        var seen = Interlocked.Read(ref _marked);
        while (version > seen)
        {
            var was = Interlocked.CompareExchange(ref _marked, version, seen);
            if (was == seen) return;
            seen = was;
        }
    }

    private Account Create(AccountId id)
    {
        // The versions of an account's marks go on growing even if the account was retired in between, had more than a thousand a second, or the clock
        // was set back.
        var start = new CarryMark(0, Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), Interlocked.Read(ref _marked)));
        return _accounts.GetOrAdd(id, static (key, mark) => new Account(key, mark), start);
    }
}
