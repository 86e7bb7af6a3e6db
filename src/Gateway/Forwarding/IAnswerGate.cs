namespace Gateway.Forwarding;

/// <summary>Told how an answer goes on.</summary>
internal interface IAnswerGate
{
    /// <summary>The upstream's headers are here.</summary>
    void HeadersArrived();

    /// <summary>An answer may come in parts; before any of it is sent, and before the request's token is looked at. Called once or more.</summary>
    void AnswerMayRun();

    /// <summary>The first part of an answer is about to be sent that is not all of it, or a connection was upgraded.</summary>
    void AnswerRuns(IRunningAnswer answer);

    /// <summary>Called once or more; nothing more is sent before it ends. If it throws, the client never has the whole answer.</summary>
    ValueTask BeforeLastByteAsync();

    /// <summary>Called once before the headers are sent, which is after <see cref="BeforeLastByteAsync"/> where the answer is sent in one piece.</summary>
    void AddReceipt(IHeaderDictionary headers);
}
