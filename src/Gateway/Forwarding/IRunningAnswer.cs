namespace Gateway.Forwarding;

/// <summary>The client's side of an answer that goes on.</summary>
internal interface IRunningAnswer
{
    /// <summary>
    /// Nothing of the upstream's is sent any more; the client is told the reason and sent an end. False where the protocol has no place for a reason, or
    /// the client does not read: the connection has to be broken off.
    /// </summary>
    Task<bool> EndWithAsync(CutReason reason);
}
