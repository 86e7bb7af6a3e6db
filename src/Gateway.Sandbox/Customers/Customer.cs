using Gateway.Sandbox.Entitlements;
using Gateway.Sandbox.Money;
using Gateway.Sandbox.Usage;

namespace Gateway.Sandbox.Customers;

/// <summary>A customer, its money and its entitlements; all that changes is changed under <see cref="Lock"/>.</summary>
internal sealed class Customer(string id, string consumerId, string name, string email, string? externalId, DateTimeOffset createdAt)
{
    public Lock Lock { get; } = new();

    public string Id { get; } = id;

    public string ConsumerId { get; } = consumerId;

    public string Name { get; } = name;

    public string Email { get; } = email;

    public string? ExternalId { get; } = externalId;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public Wallet Wallet { get; } = new();

    public Dictionary<string, Entitlement> Entitlements { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, MetricTotal> Totals { get; } = new(StringComparer.Ordinal);

    /// <summary>What entitlements that have ended still hold goes back to the wallet.</summary>
    public void ReleaseExpired(DateTimeOffset now)
    {
        foreach (var entitlement in Entitlements.Values)
        {
            if (entitlement.Status == EntitlementStatus.Active && entitlement.ExpiresAt <= now) entitlement.End(Wallet, EntitlementStatus.Expired);
        }
    }
}
