namespace Gateway.Forwarding.Upstream;

/// <summary>A cluster's client, with the way past <see cref="HttpRequestMessage"/> that <see cref="ShortForwarder"/> takes.</summary>
internal sealed class LeanInvoker(Http1Handler handler) : HttpMessageInvoker(handler, disposeHandler: true)
{
    public Http1Handler Handler => handler;
}
