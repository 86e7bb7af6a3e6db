using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.Simulation.Model;

/// <summary>
/// One run of one Redis server, from its start or promotion on, as far as the pool's scripts go: what they do, said once more in C#. A test runs
/// the same histories through this and through a real Redis and compares.
/// </summary>
internal sealed class PoolServer(TimeProvider clock, string run, Ledger? ledger = null)
{
    private const int MaxUndo = 200;
    private static readonly TimeSpan ReturnsKept = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StowsKept = TimeSpan.FromDays(1);

    private Dictionary<AccountId, AccountPool> _accounts = [];
    private Dictionary<string, Answer> _operations = [];
    private readonly LinkedList<Undo> _undo = new();
    private long _callsBefore;

    /// <summary>What an operation did, for as long as its key lives: after that it is carried out anew.</summary>
    private readonly record struct Answer(object? Value, DateTimeOffset Until);

    private sealed record Undo(AccountId Account, AccountPool? Before, string? Operation);

    public string Run { get; } = run;

    public long Calls { get; private set; }

    /// <summary>Calls to this run and to those it took over from.</summary>
    public long TotalCalls => Calls + _callsBefore;

    public long Leases { get; private set; }

    public IEntitlementPool For(PoolTerms terms) => new View(this, terms);

    /// <summary>A server that has what this one had <paramref name="changes"/> changes ago.</summary>
    public PoolServer Successor(string newRun, int changes)
    {
        var next = new PoolServer(clock, newRun, ledger)
        {
            _accounts = _accounts.ToDictionary(a => a.Key, a => a.Value.Copy()),
            _operations = new Dictionary<string, Answer>(_operations),
            _callsBefore = TotalCalls,
        };
        foreach (var undo in _undo.Reverse().Take(changes))
        {
            if (undo.Before is null) next._accounts.Remove(undo.Account);
            else next._accounts[undo.Account] = undo.Before.Copy();
            if (undo.Operation is not null) next._operations.Remove(undo.Operation);
        }

        return next;
    }

    /// <summary>Units that somebody could still lease.</summary>
    public long UsableUnits() => _accounts.Values.Where(a => a.Epoch.StartsWith(Run + ":", StringComparison.Ordinal)).Sum(a => a.Entitlements.Values.Sum(e => e.Units));

    public void Flush()
    {
        _accounts.Clear();
        _operations.Clear();
        _undo.Clear();
    }

    private sealed class AccountPool(string epoch)
    {
        public string Epoch { get; } = epoch;

        public (string Node, DateTimeOffset Until)? Turn { get; set; }

        public (PoolAnswerKind Reason, long Units, DateTimeOffset Until)? Pause { get; set; }

        public int Carry { get; set; }

        public long Fenced { get; set; }

        public Dictionary<EntitlementId, PooledUnits> Entitlements { get; private init; } = [];

        public AccountPool Copy() => new(Epoch)
        {
            Turn = Turn,
            Pause = Pause,
            Carry = Carry,
            Fenced = Fenced,
            Entitlements = new Dictionary<EntitlementId, PooledUnits>(Entitlements),
        };
    }

    /// <summary>The server as one node talks to it.</summary>
    private sealed class View(PoolServer server, PoolTerms terms) : IEntitlementPool
    {
        private string Run => terms.Server.Length > 0 ? terms.Server : server.Run;

        private DateTimeOffset Now => server.Now;

        public Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request)
        {
            var operation = $"{account}:lease:{request.LeaseId:N}";
            var pool = server.Open(account, Run, operation);
            if (Answered(operation) is { } done) return Task.FromResult(done);
            if (TryLease(account, pool, operation, request, keptUntil: default) is { } lease) return Task.FromResult(Leased(lease));
            if (pool.Pause is { } pause && pause.Until > Now && request.Least >= pause.Units)
                return Task.FromResult(new PoolAnswer(pause.Reason, Remaining: pause.Until - Now));
            if (pool.Turn is { } turn && turn.Node != terms.Node && turn.Until > Now)
                return Task.FromResult(new PoolAnswer(PoolAnswerKind.Wait, Remaining: turn.Until - Now));
            pool.Turn = (terms.Node, Now + terms.Turn);
            return Task.FromResult(new PoolAnswer(PoolAnswerKind.Turn, Epoch: pool.Epoch, Now: Now));
        }

        public Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement)
        {
            var operation = $"{account}:lease:{request.LeaseId:N}";
            var pool = server.Open(account, Run, operation);
            if (Answered(operation) is { } done) return Task.FromResult(done);
            if (pool.Epoch != entitlement.Epoch) return Task.FromResult(new PoolAnswer(PoolAnswerKind.Fenced, Epoch: pool.Epoch, Now: Now));
            if (entitlement.ExpiresAt <= Now) return Task.FromResult(new PoolAnswer(PoolAnswerKind.Kept));
            var there = entitlement.IsPart && pool.Entitlements.GetValueOrDefault(entitlement.Entitlement) is { } part && part.ExpiresAt > Now ? part : null;
            pool.Entitlements[entitlement.Entitlement] = entitlement with
            {
                IsPart = false,
                Units = entitlement.Units + (there?.Units ?? 0),
                Uses = entitlement.Uses + (there?.Uses ?? 0),
                ExpiresAt = Later(entitlement.ExpiresAt, there?.ExpiresAt ?? default),
            };
            server.Ledger?.Deposit(Run, entitlement.Entitlement, entitlement.Units, entitlement.Uses);
            pool.Pause = null;
            if (pool.Turn?.Node == terms.Node) pool.Turn = null;
            if (TryLease(account, pool, operation, request, keptUntil: entitlement.ExpiresAt) is { } lease) return Task.FromResult(Leased(lease));
            server.Keep(operation, null, entitlement.ExpiresAt);
            return Task.FromResult(new PoolAnswer(PoolAnswerKind.Kept));
        }

        public Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause)
        {
            var pool = server.Open(account, Run, operation: null);
            if (pool.Turn?.Node != terms.Node) return Task.CompletedTask;
            (pool.Turn, pool.Pause) = (null, (reason, units, Now + pause));
            return Task.CompletedTask;
        }

        public Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest)
        {
            var operation = $"{account}:return:{leaseId:N}";
            var pool = server.Open(account, Run, operation);
            if (server.TryAnswer(operation, out var done)) return Task.FromResult((ReturnOutcome)done!);
            var outcome = rest.ExpiresAt <= Now ? ReturnOutcome.Expired : pool.Epoch != rest.Epoch ? ReturnOutcome.Fenced : ReturnOutcome.Returned;
            if (outcome == ReturnOutcome.Returned)
            {
                var there = pool.Entitlements.GetValueOrDefault(rest.Entitlement);
                pool.Entitlements[rest.Entitlement] = rest with { Units = rest.Units + (there?.Units ?? 0), Uses = rest.Uses + (there?.Uses ?? 0) };
                pool.Pause = null;
                server.Ledger?.Return(Run, leaseId, rest.Entitlement, rest.Units, rest.Uses);
            }

            server.Keep(operation, outcome, Later(rest.ExpiresAt, Now + ReturnsKept));
            return Task.FromResult(outcome);
        }

        public Task StowAsync(AccountId account, string operation, int microUnits)
        {
            var pool = server.Open(account, Run, operation = $"{account}:stow:{operation}");
            if (server.TryAnswer(operation, out _)) return Task.CompletedTask;
            server.Keep(operation, null, Now + StowsKept);
            pool.Carry += microUnits;
            return Task.CompletedTask;
        }

        public Task<PoolContents> InspectAsync(AccountId account)
        {
            var pool = server.Open(account, Run, operation: null);
            return Task.FromResult(new PoolContents(
                pool.Epoch, pool.Turn?.Node ?? "", pool.Pause?.Reason.ToString() ?? "", pool.Carry, pool.Fenced, [.. pool.Entitlements.Values]));
        }

        private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

        private PoolAnswer? Answered(string operation) => !server.TryAnswer(operation, out var done) ? null
            : done is PoolLease lease ? Leased(lease) : new PoolAnswer(PoolAnswerKind.Kept);

        /// <param name="keptUntil">The answer is kept as long at least: until nobody can come with the same again.</param>
        private PoolLease? TryLease(AccountId account, AccountPool pool, string operation, LeaseRequest request, DateTimeOffset keptUntil)
        {
            foreach (var ended in pool.Entitlements.Values.Where(e => e.ExpiresAt <= Now || e.Units == 0 || e.Uses == 0).ToList()) pool.Entitlements.Remove(ended.Entitlement);
            var best = pool.Entitlements.Values.Where(e => e.ExpiresAt - terms.Margin > Now)
                .OrderBy(e => e.ExpiresAt).ThenBy(e => e.Entitlement.Value, StringComparer.Ordinal).FirstOrDefault();
            if (best is null) return null;

            var units = Math.Min(request.Units, best.Units);
            var uses = (int)Math.Min(best.Uses, (best.Uses * units + best.Units - 1) / best.Units);
            if (units == best.Units || uses == best.Uses)
            {
                (units, uses) = (best.Units, best.Uses);
                pool.Entitlements.Remove(best.Entitlement);
            }
            else
            {
                pool.Entitlements[best.Entitlement] = best with { Units = best.Units - units, Uses = best.Uses - uses };
            }

            var carry = request.TakesCarry ? Math.Min(pool.Carry, 999_999) : 0;
            pool.Carry -= carry;
            var lease = new PoolLease(best with { Epoch = pool.Epoch, Units = units, Uses = uses }, best.ExpiresAt - Now, carry);
            server.Keep(operation, lease, Later(best.ExpiresAt, keptUntil));
            server.Leases++;
            server.Ledger?.Lease(Run, request.LeaseId, best.Entitlement, units, uses);
            return lease;
        }

        private PoolAnswer Leased(PoolLease lease) => new(PoolAnswerKind.Leased, lease with { Life = lease.Units.ExpiresAt - Now });
    }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    private Ledger? Ledger => ledger;

    private bool TryAnswer(string operation, out object? answer)
    {
        var known = _operations.TryGetValue(operation, out var kept) && kept.Until > Now;
        answer = known ? kept.Value : null;
        return known;
    }

    private void Keep(string operation, object? answer, DateTimeOffset until) => _operations[operation] = new Answer(answer, until);

    /// <summary>What every script begins with.</summary>
    private AccountPool Open(AccountId account, string asRun, string? operation)
    {
        Calls++;
        var pool = _accounts.GetValueOrDefault(account);
        var knew = operation is null || TryAnswer(operation, out _);
        _undo.AddLast(new Undo(account, pool?.Copy(), knew ? null : operation));
        if (_undo.Count > MaxUndo) _undo.RemoveFirst();
        if (pool is not null && pool.Epoch.StartsWith(asRun + ":", StringComparison.Ordinal)) return pool;

        ledger?.Lose(asRun, account);
        return _accounts[account] = new AccountPool($"{asRun}:{clock.GetUtcNow().Ticks}:{Calls}")
        {
            Fenced = (pool?.Fenced ?? 0) + (pool?.Entitlements.Values.Sum(e => e.Units) ?? 0),
        };
    }
}
