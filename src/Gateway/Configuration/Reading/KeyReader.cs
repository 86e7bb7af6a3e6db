using Gateway.Authentication;
using Gateway.Keys;

namespace Gateway.Configuration.Reading;

/// <summary>Reads <c>Gateway:ApiKeys</c>. No message ever repeats a key.</summary>
internal static class KeyReader
{
    private const int LeastKeyLength = 16;

    /// <param name="at">The section.</param>
    /// <param name="routes">Every route id a key could name.</param>
    public static ApiKeyOptions Read(SectionReader at, IReadOnlyCollection<string> routes)
    {
        var defaults = new ApiKeyOptions();
        var options = new ApiKeyOptions
        {
            Headers = at.Texts(nameof(ApiKeyOptions.Headers)),
            QueryParameter = at.Text(nameof(ApiKeyOptions.QueryParameter)),
            Prefix = at.Text(nameof(defaults.Prefix), defaults.Prefix),
            CacheEntries = at.Integer(nameof(defaults.CacheEntries), defaults.CacheEntries, 1_000, 10_000_000),
            MaxLookupsPerSecond = at.Integer(nameof(defaults.MaxLookupsPerSecond), defaults.MaxLookupsPerSecond, 1, 100_000),
            OfflineSeconds = at.Integer(nameof(defaults.OfflineSeconds), defaults.OfflineSeconds, 1, 86_400),
        };
        if (!KeyText.IsPrefix(options.Prefix)) at.Error(nameof(options.Prefix), $"must be 1 to {KeyText.MaxPrefixLength} of a-z and 0-9");
        if (options.Headers.Count == 0) options.Headers = [.. ApiKeyOptions.DefaultHeaders];
        if (options.Headers.Find(h => !Checks.IsToken(h)) is { } wrong) at.Error(nameof(options.Headers), $"'{wrong}' is not a header's name");
        if (options.QueryParameter is "") at.Error(nameof(options.QueryParameter), "is empty; leave it out to have none");

        var seen = new Dictionary<ApiKeyHash, string>();
        foreach (var item in at.Items(nameof(ApiKeyOptions.Static)))
        {
            options.Static.Add(Key(item, routes, seen));
        }
        at.End();
        return options;
    }

    private static StaticKeyOptions Key(SectionReader at, IReadOnlyCollection<string> routes, Dictionary<ApiKeyHash, string> seen)
    {
        var key = new StaticKeyOptions
        {
            Key = at.Text(nameof(StaticKeyOptions.Key)),
            Sha256 = at.Text(nameof(StaticKeyOptions.Sha256)),
            CustomerId = at.RequiredId(nameof(StaticKeyOptions.CustomerId), "give the customer at Paygentic who pays, 'cus_…'"),
            PaymentUrl = at.Text(nameof(StaticKeyOptions.PaymentUrl)),
            Routes = at.Texts(nameof(StaticKeyOptions.Routes)),
        };
        if (at.Has(nameof(key.RequestsPerSecond))) key.RequestsPerSecond = at.Integer(nameof(key.RequestsPerSecond), 1, 1, 1_000_000);
        at.HttpUrl(nameof(key.PaymentUrl), key.PaymentUrl);
        foreach (var route in key.Routes.Where(r => !routes.Contains(r, StringComparer.OrdinalIgnoreCase)))
        {
            at.Error(nameof(key.Routes), $"unknown route '{route}'{Suggestion.For(route, routes)}");
        }
        CheckSecret(at, key, seen);
        at.End();
        return key;
    }

    private static void CheckSecret(SectionReader at, StaticKeyOptions key, Dictionary<ApiKeyHash, string> seen)
    {
        if (key.Key is null == key.Sha256 is null)
        {
            at.Error(key.Key is null ? "has neither Key nor Sha256; give one of them" : "has both Key and Sha256; give one of them");
            return;
        }
        if (key.Key is { } text && (text.Length is < LeastKeyLength or > ApiKeyHash.MaxKeyLength || text.Any(c => c is < '!' or > '~')))
        {
            at.Error(nameof(key.Key), $"must be {LeastKeyLength} to {ApiKeyHash.MaxKeyLength} visible ASCII characters without spaces");
        }
        else if (!StaticKeyRing.TryHash(key, out var hash))
        {
            at.Error(nameof(key.Sha256), "must be the 64 hexadecimal digits of the key's SHA-256");
        }
        else if (!seen.TryAdd(hash, at.Path))
        {
            at.Error($"is the same key as {seen[hash]}; a key belongs to one customer");
        }
    }
}
