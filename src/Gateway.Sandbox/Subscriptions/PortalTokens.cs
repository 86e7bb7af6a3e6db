using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gateway.Sandbox.Subscriptions;

/// <summary>Portal links that were handed out: whose each is, and until when.</summary>
internal sealed class PortalTokens
{
    private readonly ConcurrentDictionary<string, (string CustomerId, DateTimeOffset ExpiresAt)> _tokens = new(StringComparer.Ordinal);

    public string Add(string customerId, DateTimeOffset expiresAt)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _tokens[token] = (customerId, expiresAt);
        return token;
    }

    public string? CustomerOf(string token, DateTimeOffset now) =>
        _tokens.TryGetValue(token, out var found) && found.ExpiresAt > now ? found.CustomerId : null;
}
