namespace Gateway.Forwarding;

/// <summary>Told when a client is about to have the whole answer.</summary>
internal interface IBeforeLastByte
{
    /// <summary>Called once or more; nothing more is sent before it ends. If it throws, the client never has the whole answer.</summary>
    ValueTask BeforeLastByteAsync();

    /// <summary>Called once before the headers are sent, which is after <see cref="BeforeLastByteAsync"/> where the answer is sent in one piece.</summary>
    void AddReceipt(IHeaderDictionary headers);
}
