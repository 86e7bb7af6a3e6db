using System.Diagnostics;
using System.Net;

namespace Gateway.Forwarding.Upstream;

/// <summary>What <see cref="Http1Handler"/> takes over from the handler that YARP configured.</summary>
internal sealed record UpstreamSettings
{
    public required int MaxConnectionsPerServer { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>After it a connection is not used again, so that a name is resolved anew.</summary>
    public required TimeSpan Lifetime { get; init; }

    public required int MaxHeaderBytes { get; init; }

    public required DistributedContextPropagator? Propagator { get; init; }

    /// <summary>Null when the handler does something on the way that the short way would leave out.</summary>
    public static UpstreamSettings? TryRead(SocketsHttpHandler handler)
    {
        var asks = handler.UseProxy || handler.UseCookies || handler.AllowAutoRedirect || handler.Credentials is not null
            || handler.AutomaticDecompression != DecompressionMethods.None
            || handler.ConnectCallback is not null || handler.PlaintextStreamFilter is not null
            || !HeaderBytes.AreKeptIn(handler);
        return asks ? null : new UpstreamSettings
        {
            MaxConnectionsPerServer = handler.MaxConnectionsPerServer,
            ConnectTimeout = handler.ConnectTimeout,
            IdleTimeout = handler.PooledConnectionIdleTimeout,
            Lifetime = handler.PooledConnectionLifetime,
            MaxHeaderBytes = (int)Math.Min(int.MaxValue, handler.MaxResponseHeadersLength * 1024L),
            Propagator = handler.ActivityHeadersPropagator,
        };
    }
}
