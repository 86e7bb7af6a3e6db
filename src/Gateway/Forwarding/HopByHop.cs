using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Forwarding;

/// <summary>Headers that <c>Connection</c> names are for the next hop only (RFC 9110, 7.6.1). YARP drops those that it knows, and not these.</summary>
internal static class HopByHop
{
    // Options of the connection itself, and what frames a message: it is not the sender's to take out.
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
        ["close", "keep-alive", "upgrade", "te", "connection", "host", "content-length", "transfer-encoding", "trailer"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Also an upgrade to anything but a WebSocket: YARP would pass on one to SPDY, and what goes through a tunnel is neither priced nor looked at.</summary>
    public static void RemoveFrom(IHeaderDictionary request)
    {
        Remove(request.Connection, request);
        if (request.Upgrade is { Count: > 0 } protocol && !"websocket".Equals(protocol, StringComparison.OrdinalIgnoreCase)) request.Remove("Upgrade");
    }

    /// <summary>Throws where the upstream switches to a protocol that it was not asked for; YARP makes a 502 of it.</summary>
    public static ValueTask RemoveFromAnswerAsync(ResponseTransformContext transform)
    {
        if (transform.ProxyResponse is { StatusCode: HttpStatusCode.SwitchingProtocols, RequestMessage: { } request } && !request.Headers.NonValidated.Contains("Upgrade"))
            throw new HttpRequestException("The upstream has switched to a protocol that it was not asked for.");
        if (transform.ProxyResponse?.Headers.NonValidated.TryGetValues("Connection", out var options) == true)
        {
            foreach (var option in options) Remove(option, transform.HttpContext.Response.Headers);
        }

        return ValueTask.CompletedTask;
    }

    public static void Remove(StringValues options, IHeaderDictionary headers)
    {
        foreach (var option in options)
        {
            if (option is null || Kept.Contains(option)) continue;
            foreach (var name in option.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!Kept.Contains(name)) headers.Remove(name);
            }
        }
    }
}
