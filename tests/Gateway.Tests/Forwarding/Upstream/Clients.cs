using System.Net;
using Gateway.Forwarding;
using Gateway.Forwarding.Upstream;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>The handler under test, and the one it must be as good as, both set up as YARP does it.</summary>
internal static class Clients
{
    public static SocketsHttpHandler Oracle(Action<SocketsHttpHandler>? configure = null)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(15),
        };
        configure?.Invoke(handler);
        HeaderBytes.KeepIn(handler);
        return handler;
    }

    public static Http1Handler Lean(Action<SocketsHttpHandler>? configure = null, TimeProvider? clock = null)
    {
        var inner = Oracle(configure);
        return new Http1Handler(inner, UpstreamSettings.TryRead(inner)!, clock ?? TimeProvider.System);
    }

    public static HttpRequestMessage Get(Uri uri) => new(HttpMethod.Get, uri) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
}
