namespace Gateway.Model;

/// <summary>Headers that the gateway speaks for. What a client sends under these names never reaches the upstream.</summary>
internal static class GatewayHeaders
{
    /// <summary>To the upstream: who pays.</summary>
    public const string CustomerId = "X-Customer-Id";

    /// <summary>To the upstream and the client: the gateway's id of the request, the same as in the usage events' metadata.</summary>
    public const string RequestId = "X-Request-Id";

    /// <summary>To the client: by which its charges are found in the usage list.</summary>
    public const string UsageReceipt = "Usage-Receipt";

    /// <summary>To the client: units charged by metric, where they are known when the headers are sent.</summary>
    public const string UsageQuantity = "Usage-Quantity";

    /// <summary>To the client: units by metric that this node has at hand for it; more may be set aside.</summary>
    public const string UsageRemaining = "Usage-Remaining";

    /// <summary>To the client: the request came before under its <c>Idempotency-Key</c> and costs nothing; the receipt is that of the first.</summary>
    public const string UsageRepeat = "Usage-Repeat";

    /// <summary>To the client, as a trailer: the type of the problem for which the gateway ended the answer early.</summary>
    public const string Problem = "Gateway-Problem";

    public static string Format(Guid requestId) => requestId.ToString("N");
}
