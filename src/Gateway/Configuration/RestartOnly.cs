using System.Text.Json;
using Gateway.Authentication;

namespace Gateway.Configuration;

/// <summary>Settings that sockets, files and connections were opened with: an edit waits for the next start.</summary>
internal static class RestartOnly
{
    /// <summary>The next configuration with the running one's values of these settings, and the names of those that differ.</summary>
    public static GatewaySnapshot Keep(GatewaySnapshot running, GatewaySnapshot next, out IReadOnlyList<string> waiting)
    {
        var (was, will) = (running.Options, next.Options);
        waiting =
        [
            .. Differing("Urls", running.Urls, next.Urls),
            .. Differing("Kestrel", running.Kestrel, next.Kestrel),
            .. Differing("Gateway.DataDirectory", was.DataDirectory, will.DataDirectory),
            .. Differing("Gateway.Redis", was.Redis, will.Redis),
            .. Differing("Gateway.Admin", was.Admin, will.Admin),
            .. Differing("Gateway.Journal", was.Journal, will.Journal),
            .. Differing("Gateway.Paygentic", was.Paygentic, will.Paygentic),
            .. Differing("Gateway.SelfService", was.SelfService, will.SelfService),
            .. Differing("Gateway.Reservations", was.Reservations, will.Reservations),
            .. Differing("Gateway.Shipping", was.Shipping, will.Shipping),
            .. Differing("Gateway.ApiKeys.Prefix", was.ApiKeys.Prefix, will.ApiKeys.Prefix),
            .. Differing("Gateway.ApiKeys.CacheEntries", was.ApiKeys.CacheEntries, will.ApiKeys.CacheEntries),
            .. Differing("Gateway.ApiKeys.MaxLookupsPerSecond", was.ApiKeys.MaxLookupsPerSecond, will.ApiKeys.MaxLookupsPerSecond),
            .. Differing("Gateway.ApiKeys.OfflineSeconds", was.ApiKeys.OfflineSeconds, will.ApiKeys.OfflineSeconds),
        ];
        return next with
        {
            Urls = running.Urls,
            Kestrel = running.Kestrel,
            Keys = next.Keys.WithLimitersOf(running.Keys),
            Options = new GatewayOptions
            {
                DataDirectory = was.DataDirectory,
                Redis = was.Redis,
                Admin = was.Admin,
                Journal = was.Journal,
                Paygentic = was.Paygentic,
                MaxInspectedBodyBytes = will.MaxInspectedBodyBytes,
                ApiKeys = new ApiKeyOptions
                {
                    Prefix = was.ApiKeys.Prefix,
                    CacheEntries = was.ApiKeys.CacheEntries,
                    MaxLookupsPerSecond = was.ApiKeys.MaxLookupsPerSecond,
                    OfflineSeconds = was.ApiKeys.OfflineSeconds,
                    Headers = will.ApiKeys.Headers,
                    QueryParameter = will.ApiKeys.QueryParameter,
                    Static = will.ApiKeys.Static,
                },
                Metrics = will.Metrics,
                Plans = will.Plans,
                Jobs = will.Jobs,
                Idempotency = will.Idempotency,
                SelfService = was.SelfService,
                Reservations = was.Reservations,
                Shipping = was.Shipping,
            },
        };
    }

    // Compared by what they hold, so that a new property of an options class needs no line here.
    private static IEnumerable<string> Differing<T>(string name, T was, T will) =>
        JsonSerializer.Serialize(was) == JsonSerializer.Serialize(will) ? [] : [name];
}
