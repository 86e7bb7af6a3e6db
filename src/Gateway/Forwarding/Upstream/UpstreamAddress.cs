namespace Gateway.Forwarding.Upstream;

/// <summary>Where a destination is, taken apart once.</summary>
internal sealed class UpstreamAddress
{
    /// <param name="uri">Absolute, in the clear.</param>
    public UpstreamAddress(Uri uri)
    {
        (Host, Port) = (uri.IdnHost, uri.Port);
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        HostLine = uri.IsDefaultPort ? $"Host: {host}\r\n" : $"Host: {host}:{uri.Port}\r\n";
        PathBase = uri.AbsolutePath.TrimEnd('/');
    }

    public string Host { get; }

    public int Port { get; }

    /// <summary>The header of requests that bring none.</summary>
    public string HostLine { get; }

    /// <summary>What comes before every path: empty, or as /api.</summary>
    public string PathBase { get; }

    /// <summary>Null when it is spoken to in another way than plain HTTP/1.1.</summary>
    public static UpstreamAddress? TryParse(string destinationPrefix) =>
        Uri.TryCreate(destinationPrefix, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.Query.Length == 0 && uri.UserInfo.Length == 0
            ? new UpstreamAddress(uri)
            : null;
}
