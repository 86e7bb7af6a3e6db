using Gateway.Model;

namespace Gateway.Forwarding;

/// <summary>What the upstream is told about a request. YARP copies the request's headers, so they are changed in place.</summary>
internal static class ForwardedHeaders
{
    // Many servers hand headers to an application as CGI variables, where X_Customer_Id and X-Customer-Id are one and the same.
    private static readonly string[] Spellings = [.. SpellingsOf(GatewayHeaders.CustomerId), .. SpellingsOf(GatewayHeaders.RequestId)];

    /// <summary>Drops whatever the client sent under the gateway's own names, before anything reads it.</summary>
    public static void Reset(HttpRequest request, Guid requestId)
    {
        foreach (var name in Spellings) request.Headers.Remove(name);
        request.Headers[GatewayHeaders.RequestId] = GatewayHeaders.Format(requestId);
    }

    /// <summary>The request goes on under the id of one before it.</summary>
    public static void Reset(HttpRequest request, Guid requestId, CustomerId customer)
    {
        Reset(request, requestId);
        SetCustomer(request, customer);
    }

    public static void SetCustomer(HttpRequest request, CustomerId customer) => request.Headers[GatewayHeaders.CustomerId] = customer.Value;

    /// <summary>The name with each of its hyphens either kept or an underscore.</summary>
    private static List<string> SpellingsOf(string name)
    {
        var spellings = new List<string> { name };
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '-') spellings.AddRange([.. spellings.Select(s => string.Concat(s.AsSpan(0, i), "_", s.AsSpan(i + 1)))]);
        }

        return spellings;
    }
}
