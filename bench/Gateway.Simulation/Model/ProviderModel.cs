using Gateway.Billing;
using Gateway.Model;
using Gateway.Shipping;

namespace Gateway.Simulation.Model;

/// <summary>The billing provider: a wallet per account in units, entitlements, and usage events that it takes once each.</summary>
internal sealed class ProviderModel(TimeProvider clock, Ledger ledger, TimeSpan lifetime)
{
    public const int MaxUses = 1000;

    private readonly Dictionary<AccountId, long> _wallets = [];
    private readonly Dictionary<string, UsageEvent> _events = [];
    private readonly Dictionary<string, int> _asking = [];
    private int _grants;

    public long Calls { get; private set; }

    /// <summary>Most grants of one account that were on their way at once.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Somebody is about to ask, and says so again with -1 when it is over.</summary>
    public void Asking(GrantRequest request, int change)
    {
        var now = _asking[request.BillableMetricId + request.Customer] = _asking.GetValueOrDefault(request.BillableMetricId + request.Customer) + change;
        MostAtOnce = Math.Max(MostAtOnce, now);
    }

    /// <summary>Reports of usage that arrived.</summary>
    public long Batches { get; private set; }

    public void BatchArrived() => Batches++;

    public long ChargedTo(CustomerId customer) => _events.Values.Where(e => e.Customer == customer).Sum(e => e.Quantity);

    public long EventsAccepted => _events.Count;

    public long UncoveredUnits { get; private set; }

    public long Duplicates { get; private set; }

    public long WalletUnits => _wallets.Values.Sum();

    public void TopUp(AccountId account, long units) => _wallets[account] = _wallets.GetValueOrDefault(account) + units;

    public long Wallet(AccountId account) => _wallets.GetValueOrDefault(account);

    public GrantResult Grant(GrantRequest request)
    {
        Calls++;
        var account = new AccountId(request.Customer, new MetricName(request.BillableMetricId));
        if (request.Units > _wallets.GetValueOrDefault(account)) return new GrantResult(GrantOutcome.NoFunds);
        _wallets[account] -= request.Units;
        var id = new EntitlementId($"ent_{++_grants}");
        ledger.Grant(id, account, request.Units, request.Uses, clock.GetUtcNow() + lifetime);
        return new GrantResult(GrantOutcome.Granted, new Entitlement(id, request.Units, request.Uses, lifetime));
    }

    /// <param name="settled">A settlement as the journal has it.</param>
    /// <param name="trulyAt">When it was settled by the world's clock, whatever the node's said.</param>
    public void Record(Settlement settled, DateTimeOffset trulyAt)
    {
        var events = new BatchBuilder(TimeSpan.Zero, int.MaxValue);
        events.TryAdd(settled);
        foreach (var usage in events.Build())
        {
            if (_events.TryGetValue(usage.IdempotencyKey, out var before))
            {
                Duplicates++;
                if (before != usage) throw new LedgerException($"{usage.IdempotencyKey} was sent twice with different content.");
                continue;
            }

            _events[usage.IdempotencyKey] = usage;
            var charge = settled.Charges.Span[usage.ChargeIndex];
            if (charge.Entitlement is { } entitlement) ledger.Charge(charge.LeaseId, entitlement, charge.Units, trulyAt);
            else UncoveredUnits += charge.Units;
        }
    }
}
