using System.Globalization;
using System.Threading.RateLimiting;

namespace Gateway.Authentication;

/// <summary>The fields RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10), for keys that have a limit.</summary>
internal static class RateLimitHeaders
{
    public static void WriteTo(this RateLimiter limiter, IHeaderDictionary headers, int perSecond)
    {
        var left = limiter.GetStatistics()?.CurrentAvailablePermits ?? 0;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"key\";q={perSecond};w=1");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"key\";r={left};t=1");
    }
}
