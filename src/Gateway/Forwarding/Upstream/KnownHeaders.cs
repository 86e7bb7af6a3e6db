using System.Text;

namespace Gateway.Forwarding.Upstream;

/// <summary>The names upstreams commonly use, found by their bytes without making a string.</summary>
internal static class KnownHeaders
{
    private const int Buckets = 512;

    private static readonly KnownHeader[][] Table = Build();

    public static int Count { get; private set; }

    public static KnownHeader? Find(ReadOnlySpan<byte> name)
    {
        foreach (var known in Table[BucketOf(name)])
        {
            if (Ascii.EqualsIgnoreCase(name, known.Bytes)) return known;
        }

        return null;
    }

    private static KnownHeader[][] Build()
    {
        var table = new List<KnownHeader>[Buckets];
        foreach (var name in Names.Split(' '))
        {
            var known = new KnownHeader(
                Count++, name, Encoding.ASCII.GetBytes(name),
                IsOfContent: OfContent.Split(' ').Contains(name), IsForbiddenTrailer: ForbiddenTrailers.Split(' ').Contains(name),
                Repeats: Repeating.Split(' ').Contains(name), IsForOneHop: HeaderNames.AreForOneHop(name));
            (table[BucketOf(known.Bytes)] ??= []).Add(known);
        }

        return [.. table.Select(bucket => bucket?.ToArray() ?? [])];
    }

    private static int BucketOf(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : ((name.Length * 37) + ((name[0] | 0x20) * 5) + ((name[^1] | 0x20) * 3) + (name[name.Length / 2] | 0x20)) & (Buckets - 1);

    /// <summary>Those that .NET keeps with a message's content.</summary>
    private const string OfContent =
        "Allow Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-MD5 Content-Range Content-Type Expires Last-Modified";

    /// <summary>Those that a trailer must not have, and that .NET drops there.</summary>
    private const string ForbiddenTrailers =
        "Age Authorization Cache-Control Content-Disposition Content-Encoding Content-Length Content-Location Content-Range Content-Type Date Expect Expires Host If-Match If-Modified-Since "
        + "If-None-Match If-Range If-Unmodified-Since Location Max-Forwards Pragma Proxy-Authenticate Proxy-Authorization Range Retry-After Set-Cookie Set-Cookie2 TE "
        + "Trailer Transfer-Encoding Vary Warning WWW-Authenticate";

    /// <summary>Those whose value is often that of the answer before.</summary>
    private const string Repeating =
        "Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin "
        + "Cache-Control Connection Content-Encoding Content-Language Content-Length Content-Type Date Keep-Alive Pragma Server "
        + "Strict-Transport-Security Transfer-Encoding Vary Via X-Content-Type-Options X-Frame-Options X-Powered-By";

    private const string Names =
        "Accept Accept-Charset Accept-Encoding Accept-Language Accept-Patch Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers "
        + "Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers Access-Control-Max-Age Age Allow Alt-Svc Alt-Used Authorization "
        + "Cache-Control Connection Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-MD5 Content-Range "
        + "Content-Security-Policy Content-Type Cookie Cookie2 Date ETag Expect Expect-CT Expires From grpc-encoding grpc-message grpc-status Host If-Match "
        + "If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive Last-Modified Link Location Max-Forwards Origin P3P Pragma "
        + "Proxy-Authenticate Proxy-Authorization Proxy-Connection Proxy-Support Public-Key-Pins Range Referer Referrer-Policy Refresh Retry-After "
        + "Sec-WebSocket-Accept Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server Server-Timing Set-Cookie "
        + "Set-Cookie2 Strict-Transport-Security TE Timing-Allow-Origin Trailer Transfer-Encoding TSV Upgrade Upgrade-Insecure-Requests User-Agent Vary Via "
        + "Warning WWW-Authenticate X-AspNet-Version X-Cache X-Content-Duration X-Content-Type-Options X-Frame-Options X-MSEdge-Ref X-Powered-By "
        + "X-Request-ID X-UA-Compatible X-XSS-Protection";
}

/// <param name="Index">Its place among all known.</param>
/// <param name="IsForOneHop">Whether a proxy keeps it to itself.</param>
/// <param name="Repeats">Whether its last value is worth keeping.</param>
internal sealed record KnownHeader(int Index, string Name, byte[] Bytes, bool IsOfContent, bool IsForbiddenTrailer, bool Repeats, bool IsForOneHop);
