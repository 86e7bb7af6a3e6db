using Gateway.Model;

namespace Gateway.Forwarding;

/// <summary>What the upstream is told about a request. YARP copies the request's headers, so they are changed in place.</summary>
internal static class ForwardedHeaders
{
    /// <summary>Replaces whatever the client sent under the gateway's own names.</summary>
    public static void Set(HttpRequest request, CustomerId? customer, Guid requestId)
    {
        request.Headers.Remove(GatewayHeaders.CustomerId);
        if (customer is { } known) request.Headers[GatewayHeaders.CustomerId] = known.Value;
        request.Headers[GatewayHeaders.RequestId] = GatewayHeaders.Format(requestId);
    }
}
