using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Gateway.Model;

namespace Gateway.Authentication;

/// <summary>The keys known from configuration: immutable, replaced as a whole when the configuration changes.</summary>
internal sealed class StaticKeyRing
{
    private readonly FrozenDictionary<ApiKeyHash, ApiKey> _byHash;

    private StaticKeyRing(IEnumerable<ApiKey> keys) => _byHash = keys.ToFrozenDictionary(k => k.Hash);

    public static StaticKeyRing Empty { get; } = new([]);

    public int Count => _byHash.Count;

    public IEnumerable<ApiKey> Keys => _byHash.Values;

    /// <summary>Keys that were checked before.</summary>
    public static StaticKeyRing From(IEnumerable<StaticKeyOptions> keys) => new(keys.Select(Compile));

    /// <summary>A key that keeps its limit keeps its bucket: a reload is no way around the limit.</summary>
    public StaticKeyRing WithLimitersOf(StaticKeyRing previous) => new(Keys.Select(key =>
        previous.TryFind(key.Hash, out var known) && known.RequestsPerSecond == key.RequestsPerSecond && known.Limiter is { } limiter
            ? key with { Terms = key.Terms! with { Limiter = limiter } }
            : key));

    /// <summary>The hash table finds a candidate by a part of its hash; the whole is compared in fixed time.</summary>
    public bool TryFind(ReadOnlySpan<char> key, [NotNullWhen(true)] out ApiKey? found)
    {
        found = null;
        return ApiKeyHash.TryFromKey(key, out var hash) && TryFind(in hash, out found);
    }

    public bool TryFind(in ApiKeyHash hash, [NotNullWhen(true)] out ApiKey? found) =>
        _byHash.TryGetValue(hash, out found) && found.Hash.FixedTimeEquals(in hash);

    public static bool TryHash(StaticKeyOptions key, out ApiKeyHash hash) =>
        key.Key is not null ? ApiKeyHash.TryFromKey(key.Key, out hash) : ApiKeyHash.TryFromHex(key.Sha256, out hash);

    private static ApiKey Compile(StaticKeyOptions key)
    {
        if (!TryHash(key, out var hash)) throw new ArgumentException("A key was not checked.", nameof(key));

        return new ApiKey
        {
            Hash = hash,
            Customer = new CustomerId(key.CustomerId),
            Terms = new KeyTerms
            {
                PaymentUrl = key.PaymentUrl,
                Routes = key.Routes.Count == 0 ? null : key.Routes.ToFrozenSet(StringComparer.OrdinalIgnoreCase),
                RequestsPerSecond = key.RequestsPerSecond,
                Limiter = ApiKey.LimiterFor(key.RequestsPerSecond),
            }.OrNone(),
        };
    }
}
