using Gateway.Authentication;
using Gateway.Billing;
using Gateway.Configuration;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;

namespace Gateway.SelfService;

/// <summary>What a customer has and had: units set aside, and the latest charges as Paygentic has them.</summary>
internal sealed class CustomerUsage
{
    private const int MostCharges = 20;
    private const long AtomicPerDollar = 1_000_000_000;
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    private readonly CurrentConfiguration _configuration;
    private readonly AccountTable _accounts;
    private readonly IEntitlementPool _pool;
    private readonly ICustomerAccounts _billing;
    private readonly TimeProvider _clock;
    private readonly CustomerQuestion<UsageAnswer> _question;

    public CustomerUsage(CurrentConfiguration configuration, AccountTable accounts, IEntitlementPool pool, ICustomerAccounts billing, TimeProvider clock)
    {
        (_configuration, _accounts, _pool, _billing, _clock) = (configuration, accounts, pool, billing, clock);
        _question = new CustomerQuestion<UsageAnswer>(AskAsync, clock);
    }

    public async Task<UsageAnswer> GetAsync(ApiKey key, CancellationToken cancellationToken) => key.Terms?.PendingSubscription is not null
        ? new UsageAnswer(key.Customer.Value, "pending", key.PaymentUrl, [], [])
        : await _question.AskAsync(key.Customer, cancellationToken);

    private async Task<UsageAnswer> AskAsync(CustomerId customer)
    {
        var catalog = _configuration.Snapshot.Catalog;
        var metrics = await Task.WhenAll(catalog.Metrics.Select(m => RemainingAsync(new AccountId(customer, m.Name), m.Unit)));
        var now = _clock.GetUtcNow();
        var names = catalog.Metrics.DistinctBy(m => m.BillableMetricId).ToDictionary(m => m.BillableMetricId, m => (m.Name.Value, m.Unit));
        var charges = await _billing.ChargesAsync(customer, now - Window, now.AddMinutes(1), MostCharges, CancellationToken.None);
        return new UsageAnswer(
            customer.Value, "active", PaymentUrl: null, metrics,
            [.. charges.Select(c => new ChargeLine(
                c.Receipt, c.At, names.TryGetValue(c.BillableMetricId, out var m) ? m.Value : c.BillableMetricId, c.Quantity, Dollars(c.AtomicPrice)))]);
    }

    private async Task<RemainingUnits> RemainingAsync(AccountId id, string unit)
    {
        var pooled = (await _pool.InspectAsync(id)).Entitlements.Sum(e => e.Units);
        var figures = _accounts.Find(id)?.Figures() ?? new AccountFigures { Id = id };
        return new RemainingUnits(id.Metric.Value, unit, pooled + figures.Left, figures.Held, figures.Charged);
    }

    private static decimal? Dollars(long? atomic) => atomic is { } price ? (decimal)price / AtomicPerDollar : null;
}

/// <param name="Status">active, or pending: the subscription is not paid for.</param>
/// <param name="PaymentUrl">Where it is paid, when it is pending.</param>
/// <param name="Metrics">What is set aside, as seen from this node.</param>
/// <param name="Charges">The latest of the last day, newest first.</param>
internal sealed record UsageAnswer(string Customer, string Status, string? PaymentUrl, IReadOnlyList<RemainingUnits> Metrics, IReadOnlyList<ChargeLine> Charges);

/// <param name="Remaining">Units set aside and free: in the pool and on this node. Other nodes may have more.</param>
/// <param name="Held">Units that requests on this node hold now.</param>
/// <param name="Charged">Units charged by this node since it met the customer.</param>
internal sealed record RemainingUnits(string Metric, string Unit, long Remaining, long Held, long Charged);

/// <param name="Receipt">Begins with the request's Usage-Receipt.</param>
/// <param name="Dollars">Null: not billed yet.</param>
internal sealed record ChargeLine(string Receipt, DateTimeOffset At, string Metric, decimal Quantity, decimal? Dollars);
