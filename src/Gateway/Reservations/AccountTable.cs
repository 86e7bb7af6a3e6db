using System.Collections.Concurrent;
using Gateway.Model;

namespace Gateway.Reservations;

/// <summary>The accounts this process has met.</summary>
internal sealed class AccountTable
{
    private readonly ConcurrentDictionary<AccountId, Account> _accounts = new();
    private readonly ConcurrentDictionary<AccountId, CarryMark> _recovered = new();

    public IEnumerable<Account> All => _accounts.Values;

    public Account Get(AccountId id) => _accounts.TryGetValue(id, out var account) ? account : Create(id);

    /// <summary>Before the first request: what the journal says an account carried.</summary>
    public void Recover(AccountId id, CarryMark carry) => _recovered[id] = carry;

    /// <summary>Every account's fraction, also of accounts that have not been used since start.</summary>
    public IEnumerable<(AccountId Account, CarryMark Carry)> Carries()
    {
        foreach (var (id, account) in _accounts) yield return (id, account.Carry);
        foreach (var (id, carry) in _recovered)
        {
            if (!_accounts.ContainsKey(id)) yield return (id, carry);
        }
    }

    private Account Create(AccountId id) =>
        _accounts.GetOrAdd(id, static (key, recovered) => new Account(key, recovered.GetValueOrDefault(key)), _recovered);
}
