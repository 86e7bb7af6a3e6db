namespace Gateway.Forwarding;

/// <summary>Why the gateway ends an answer early, in the words of each protocol.</summary>
/// <param name="ProblemType">The type of the problem (RFC 9457).</param>
/// <param name="Title">For people.</param>
/// <param name="GrpcStatus">8: RESOURCE_EXHAUSTED, 14: UNAVAILABLE.</param>
/// <param name="CloseCode">Of a WebSocket: 1008 policy violation, 1001 going away, 1013 try again later.</param>
internal sealed record CutReason(string ProblemType, string Title, int GrpcStatus, int CloseCode);
