using Gateway.Model;

namespace Gateway.Forwarding;

/// <summary>What the upstream is told about a request. YARP copies the request's headers, so they are changed in place.</summary>
internal static class ForwardedHeaders
{
    /// <summary>
    /// Names that a client does not speak under. Many servers hand headers to an application as CGI variables, where <c>X_Customer_Id</c> and
    /// <c>X-Customer-Id</c> are one and the same.
    /// </summary>
    public static bool AreOurs(string name) => name.Length switch
    {
        12 => HeaderSpelling.Begins(name, GatewayHeaders.RequestId),
        13 => HeaderSpelling.Begins(name, GatewayHeaders.CustomerId),
        >= 15 => name.Contains('_', StringComparison.Ordinal) && HeaderSpelling.Begins(name, "X-Forwarded-"), // without it, it is YARP's to deal with
        _ => false,
    };

    public static void SetRequestId(HttpRequest request, RequestId requestId) => request.Headers[GatewayHeaders.RequestId] = requestId.Text;

    public static void SetCustomer(HttpRequest request, CustomerId customer) => request.Headers[GatewayHeaders.CustomerId] = customer.Value;
}
