using System.Text;
using Gateway.Forwarding.Upstream;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Tests.Forwarding.Upstream;

public sealed class ShortRequestTests
{
    /// <summary>The first try may have failed before its bytes were given back: two requests in one would be served twice.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_request_that_is_written_again_is_there_once(bool wasSent)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Headers["X-Thing"] = "1";
        context.Request.Body = new MemoryStream();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = "/languages";
        var address = UpstreamAddress.TryParse("http://127.0.0.1:3000/")!;
        using var head = new RequestHead();

        Assert.Equal(0, ShortRequest.TryWrite(context, address, Encoding.ASCII.GetBytes(address.HostLine), head));
        var first = Encoding.ASCII.GetString(head.Written.Span);
        if (wasSent) head.Rest();
        Assert.Equal(0, ShortRequest.TryWrite(context, address, Encoding.ASCII.GetBytes(address.HostLine), head));

        Assert.StartsWith("GET /languages HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nX-Thing: 1\r\n", first, StringComparison.Ordinal);
        Assert.Equal(first, Encoding.ASCII.GetString(head.Written.Span));
    }
}
