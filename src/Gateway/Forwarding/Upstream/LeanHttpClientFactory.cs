using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding.Upstream;

/// <summary>YARP's own client with a shorter way to plain HTTP/1.1 upstreams in front of it. What a cluster configures that this way does not know keeps YARP's alone.</summary>
internal sealed class LeanHttpClientFactory(TimeProvider clock, ILogger<ForwarderHttpClientFactory> logger)
    : ForwarderHttpClientFactory(logger), IForwarderHttpClientFactory
{
    [ThreadStatic]
    private static Http1Handler? _made;

    HttpMessageInvoker IForwarderHttpClientFactory.CreateClient(ForwarderHttpClientContext context)
    {
        _made = null;
        var client = CreateClient(context);
        if (_made is not { } handler) return client; // the one before is still good, or YARP's alone
        _made = null;
        return new LeanInvoker(handler);
    }

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        HeaderBytes.KeepIn(handler);
        handler.ActivityHeadersPropagator = new TracePropagator();
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        base.WrapHandler(context, handler) is SocketsHttpHandler sockets && UpstreamSettings.TryRead(sockets) is { } settings
            ? _made = new Http1Handler(sockets, settings, clock)
            : handler;
}
