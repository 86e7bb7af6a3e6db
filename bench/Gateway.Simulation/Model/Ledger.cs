using Gateway.Model;

namespace Gateway.Simulation.Model;

/// <summary>
/// The oracle: a double-entry ledger of every unit and every use, single-threaded and as simple as can be. It knows what is true: a Redis that
/// loses changes does not make them undone here. Every transfer says where units come from and asserts that they are there.
/// </summary>
/// <remarks>wallet → granted → pool of one run of one server → lease → charged; out of the pool or a lease also → lost.</remarks>
internal sealed class Ledger
{
    private readonly Dictionary<EntitlementId, Book> _books = [];

    public long GrantedUnits => _books.Values.Sum(b => b.Granted.Units);

    public long ChargedUnits => _books.Values.Sum(b => b.Charged.Units);

    public IEnumerable<KeyValuePair<EntitlementId, Book>> Books => _books;

    public void Grant(EntitlementId entitlement, AccountId account, long units, int uses, DateTimeOffset ends)
    {
        if (!_books.TryAdd(entitlement, new Book(account, new Amount(units, uses), ends))) throw new LedgerException($"{entitlement} was granted twice.");
    }

    public void Deposit(string server, EntitlementId entitlement, long units, int uses)
    {
        var book = _books[entitlement];
        book.Outside = book.Outside.Minus(units, uses, $"deposit of {entitlement}");
        book.Pools[server] = book.Pools.GetValueOrDefault(server).Plus(units, uses);
    }

    public void Lease(string server, Guid lease, EntitlementId entitlement, long units, int uses)
    {
        var book = _books[entitlement];
        book.Pools[server] = book.Pools.GetValueOrDefault(server).Minus(units, uses, $"lease {lease:N} of {entitlement}: not in the pool of {server}");

        // Asked for again under the same id after the server lost the first answer: what that gave out is nobody's.
        if (book.Leases.Remove(lease, out var before)) book.Lost = book.Lost.Plus(before.Units, before.Uses);
        book.Leases[lease] = new Amount(units, uses);
    }

    public void Return(string server, Guid lease, EntitlementId entitlement, long units, int uses)
    {
        var book = _books[entitlement];
        book.Leases[lease] = book.Leases.GetValueOrDefault(lease).Minus(units, uses, $"return of lease {lease:N} of {entitlement}: not leased");
        book.Pools[server] = book.Pools.GetValueOrDefault(server).Plus(units, uses);
    }

    /// <summary>A usage event arrived, for the first time.</summary>
    public void Charge(Guid lease, EntitlementId entitlement, long units, DateTimeOffset occurredAt)
    {
        var book = _books[entitlement];
        if (occurredAt >= book.Ends) throw new LedgerException($"{entitlement} was charged at {occurredAt:O}; it ended at {book.Ends:O}.");
        book.Leases[lease] = book.Leases.GetValueOrDefault(lease).Minus(units, 1, $"charge to lease {lease:N} of {entitlement}: not leased");
        book.Charged = book.Charged.Plus(units, 1);
    }

    /// <summary>This run of the server has nothing of the account any more.</summary>
    public void Lose(string server, AccountId account)
    {
        foreach (var book in _books.Values.Where(b => b.Account == account))
        {
            if (!book.Pools.Remove(server, out var lost)) continue;
            book.Lost = book.Lost.Plus(lost.Units, lost.Uses);
        }
    }

    /// <summary>Every unit and use granted is in exactly one place.</summary>
    public void AssertBalanced()
    {
        foreach (var (id, book) in _books)
        {
            if (book.Sum != book.Granted) throw new LedgerException($"{id}: {book.Sum} are accounted for of {book.Granted} granted.");
            if (book.Charged.Units > book.Granted.Units || book.Charged.Uses > book.Granted.Uses)
                throw new LedgerException($"{id}: {book.Charged} charged of {book.Granted} granted.");
        }
    }

    internal sealed class Book(AccountId account, Amount granted, DateTimeOffset ends)
    {
        public AccountId Account { get; } = account;

        public Amount Granted { get; } = granted;

        public DateTimeOffset Ends { get; } = ends;

        /// <summary>Not in a pool yet, or never.</summary>
        public Amount Outside { get; set; } = granted;

        public Dictionary<string, Amount> Pools { get; } = [];

        public Dictionary<Guid, Amount> Leases { get; } = [];

        public Amount Charged { get; set; }

        public Amount Lost { get; set; }

        public Amount Pooled => Total(Pools.Values);

        public Amount Leased => Total(Leases.Values);

        public Amount Sum => Total([Outside, Pooled, Leased, Charged, Lost]);

        private static Amount Total(IEnumerable<Amount> amounts) => amounts.Aggregate(default(Amount), (sum, a) => sum.Plus(a.Units, a.Uses));
    }
}

internal readonly record struct Amount(long Units, int Uses)
{
    public Amount Plus(long units, int uses) => new(Units + units, Uses + uses);

    public Amount Minus(long units, int uses, string what) => Units >= units && Uses >= uses
        ? new Amount(Units - units, Uses - uses)
        : throw new LedgerException($"{what}: {units} units and {uses} uses wanted, {Units} and {Uses} are there.");
}

/// <summary>Units were spent that are not there.</summary>
internal sealed class LedgerException(string message) : Exception(message);
