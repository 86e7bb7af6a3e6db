using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding.Upstream;

/// <summary>
/// Writes a client's request as the upstream gets it: what YARP's defaults make of it, without a message in between. Requests that ask for more (upgrades,
/// gRPC, bodies without a known length or beyond <see cref="MaxBody"/>, transforms, tracing) are left to YARP.
/// </summary>
internal static class ShortRequest
{
    /// <summary>A longer body is passed on as it comes, by YARP.</summary>
    public const int MaxBody = 16 * 1024;

    private static readonly ConcurrentDictionary<string, UpstreamAddress?> Addresses = new(StringComparer.Ordinal);

    /// <summary>Null when the destination is not spoken to in plain HTTP/1.1.</summary>
    public static UpstreamAddress? AddressOf(string destinationPrefix) =>
        Addresses.TryGetValue(destinationPrefix, out var known) ? known : Addresses.GetOrAdd(destinationPrefix, UpstreamAddress.TryParse);

    /// <summary>Whether YARP would do nothing else.</summary>
    public static bool IsPlain(HttpContext context, ForwarderRequestConfig config)
    {
        var request = context.Request;
        var proxied = context.GetReverseProxyFeature();
        return config is { Version: null or { Major: 1, Minor: 1 } or { Major: 2 } } && (config.Version is { Major: 1 } || config.VersionPolicy is null or HttpVersionPolicy.RequestVersionOrLower)
            && proxied.Route.Config.Transforms is not { Count: > 0 }
            && proxied.ProxiedDestination?.Model.Config.Host is null
            && Activity.Current is null
            && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            && !HttpMethods.IsConnect(request.Method)
            && !OutcomeReader.IsGrpc(request.ContentType);
    }

    /// <summary>Writes the whole head, in place of what there is: of a try that failed there may be all of it.</summary>
    /// <returns>The length of the body, which follows what was written; null when the request can not be written so.</returns>
    public static int? TryWrite(HttpContext context, UpstreamAddress address, byte[] hostLine, RequestHead head)
    {
        head.Clear();
        var request = context.Request;
        if (request.ContentLength is > MaxBody || (request.ContentLength is null && CanHaveBody(context) && request.Body is not MemoryStream)) return null;
        if (!TryWriteTarget(context, address, head)) return null;
        head.Append(hostLine);
        var hasLength = false;
        foreach (var (name, values) in request.Headers)
        {
            if (name is [':', ..] || IsReplaced(name) || HeaderNames.AreForOneHop(name))
            {
                if (name is "TE" or "Transfer-Encoding" or "te") return null;
                continue;
            }

            if (name is "Expect" || values.Count != 1 || values[0] is not { } value || !head.TryAppendHeader(name, value)) return null;
            hasLength |= name == "Content-Length";
        }

        AppendForwarded(context, head);
        var body = BodyLength(request);
        if (!hasLength && (body > 0 || NeedsLength(request.Method))) head.TryAppendHeader("Content-Length", body.ToString(System.Globalization.CultureInfo.InvariantCulture));
        head.Append("\r\n"u8);
        return body;
    }

    private static bool TryWriteTarget(HttpContext context, UpstreamAddress address, RequestHead head)
    {
        var (request, target) = (context.Request, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (target is not ['/', ..] || RequestPath.HasDotSegments(target) || !head.TryAppendAscii(request.Method)) return false;
        head.Append(" "u8);
        if (!head.TryAppendAscii(address.PathBase) || !head.TryAppendAscii(RequestPath.WithoutQuery(target)) || !head.TryAppendAscii(request.QueryString.Value)) return false;
        head.Append(" HTTP/1.1\r\n"u8);
        return true;
    }

    /// <summary>Instead of what the client says of itself.</summary>
    private static void AppendForwarded(HttpContext context, RequestHead head)
    {
        if (context.Connection.RemoteIpAddress is { } client)
        {
            const int Longest = 65;
            head.Append("X-Forwarded-For: "u8);
            client.TryFormat(head.Room(Longest).Span, out var written);
            head.Advance(written);
            head.Append("\r\n"u8);
        }

        if (context.Request.Host.HasValue) head.TryAppendHeader("X-Forwarded-Host", context.Request.Host.ToUriComponent());
        head.TryAppendHeader("X-Forwarded-Proto", context.Request.Scheme);
    }

    private static bool IsReplaced(string name) => name.Length switch
    {
        4 => name.Equals("Host", StringComparison.OrdinalIgnoreCase),
        9 => name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase),
        15 => name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase),
        16 => name.Equals("X-Forwarded-Host", StringComparison.OrdinalIgnoreCase),
        17 => name.Equals("X-Forwarded-Proto", StringComparison.OrdinalIgnoreCase),
        18 => name.Equals("X-Forwarded-Prefix", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static bool CanHaveBody(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false;

    private static int BodyLength(HttpRequest request) => request.ContentLength is { } length ? (int)length : request.Body is MemoryStream whole ? (int)whole.Length : 0;

    private static bool NeedsLength(string method) => HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method);
}
