using Gateway.Billing;
using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.Tests.Reservations;

/// <summary>The pool's contract in memory: what the scripts do, said once more in another language.</summary>
internal sealed class MemoryPool(TimeProvider clock) : IEntitlementPool
{
    private readonly Dictionary<(AccountId, EntitlementId), PooledUnits> _units = [];
    private readonly Dictionary<string, PooledUnits?> _operations = [];

    public Exception? Failure { get; set; }

    /// <summary>The pool does what was asked the next time that it has something to lease, and the caller never hears of it.</summary>
    public bool LoseNextLeaseAnswer { get; set; }

    public long Units
    {
        get
        {
            lock (_units) return _units.Values.Sum(u => u.Units);
        }
    }

    public Task DepositAsync(AccountId account, Entitlement entitlement) => Do("deposit:" + entitlement.Id.Value, () =>
    {
        _units[(account, entitlement.Id)] = new PooledUnits(entitlement.Id, entitlement.Units, entitlement.Uses, entitlement.ExpiresAt);
        return null;
    });

    public Task<PooledUnits?> LeaseAsync(AccountId account, Guid leaseId, long units, TimeSpan margin) => Do($"lease:{leaseId}", () =>
    {
        var best = _units.Where(u => u.Key.Item1 == account && u.Value is { Units: > 0, Uses: > 0 } && u.Value.ExpiresAt - margin > clock.GetUtcNow())
            .Select(u => u.Value).OrderBy(u => u.ExpiresAt).FirstOrDefault();
        if (best is null) return null;
        var taken = Math.Min(units, best.Units);
        var uses = (int)Math.Min(best.Uses, (best.Uses * taken + best.Units - 1) / best.Units);
        _units[(account, best.Entitlement)] = best with { Units = best.Units - taken, Uses = best.Uses - uses };
        return best with { Units = taken, Uses = uses };
    });

    public Task ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest) => Do($"return:{leaseId}", () =>
    {
        var there = _units.GetValueOrDefault((account, rest.Entitlement));
        _units[(account, rest.Entitlement)] = rest with { Units = rest.Units + (there?.Units ?? 0), Uses = rest.Uses + (there?.Uses ?? 0) };
        return null;
    });

    private Task<PooledUnits?> Do(string operation, Func<PooledUnits?> change)
    {
        lock (_units)
        {
            if (Failure is not null) return Task.FromException<PooledUnits?>(Failure);
            if (!_operations.TryGetValue(operation, out var done)) _operations[operation] = done = change();
            if (!LoseNextLeaseAnswer || done is null) return Task.FromResult(done);
            LoseNextLeaseAnswer = false;
            return Task.FromException<PooledUnits?>(new TimeoutException("the answer was lost"));
        }
    }
}
