using System.Collections.Concurrent;
using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>The accounts this process works with. Those not used for a while are retired: see <see cref="IdleAccounts"/>.</summary>
internal sealed class AccountTable(TimeProvider clock)
{
    private readonly ConcurrentDictionary<AccountId, Account> _accounts = new(AccountIdComparer.Instance);

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

    /// <summary>Before the first request: what the journal says an account carried.</summary>
    public void Recover(AccountId id, CarryMark carry) => _accounts[id] = new Account(id, carry);

    public void Remove(Account account) => _accounts.TryRemove(new KeyValuePair<AccountId, Account>(account.Id, account));

    private Account Create(AccountId id)
    {
        // The versions of an account's marks go on growing even if the account was retired in between.
        var start = new CarryMark(0, clock.GetUtcNow().ToUnixTimeMilliseconds());
        return _accounts.GetOrAdd(id, static (key, mark) => new Account(key, mark), start);
    }
}
