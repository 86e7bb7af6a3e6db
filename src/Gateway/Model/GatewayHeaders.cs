namespace Gateway.Model;

/// <summary>Headers that the gateway speaks for. What a client sends under these names never reaches the upstream.</summary>
internal static class GatewayHeaders
{
    /// <summary>To the upstream: who pays.</summary>
    public const string CustomerId = "X-Customer-Id";

    /// <summary>To the upstream and the client: the gateway's id of the request, the same as in the usage events' metadata.</summary>
    public const string RequestId = "X-Request-Id";

    public static string Format(Guid requestId) => requestId.ToString("N");
}
