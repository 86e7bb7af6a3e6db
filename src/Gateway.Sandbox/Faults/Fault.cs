namespace Gateway.Sandbox.Faults;

internal enum FaultKind
{
    /// <summary>Answers after a delay.</summary>
    Latency,

    /// <summary>Answers with a status and does nothing.</summary>
    Status,

    /// <summary>Cuts the connection and does nothing.</summary>
    DropBeforeCommit,

    /// <summary>Does what was asked and then cuts the connection.</summary>
    DropAfterCommit,

    /// <summary>Does what was asked and answers with broken JSON.</summary>
    Malformed,

    /// <summary>Never answers.</summary>
    Hang,

    /// <summary>Does what was asked once the faults are replaced, whether or not anybody still waits for the answer.</summary>
    Hold,

    /// <summary>Fails one event of a batch.</summary>
    ItemFailure,
}

/// <param name="Operation">Method and path pattern, such as <c>POST /v0/usage/batch</c>; <c>*</c> is every API operation.</param>
/// <param name="Probability">Of striking, 0 to 1; default 1.</param>
/// <param name="Count">How often it strikes before it is spent; null: always.</param>
internal sealed record Fault(
    string Operation, FaultKind Kind, int Status = 503, int? RetryAfterSeconds = null, int Milliseconds = 0, double Probability = 1, long? Count = null)
{
    public long Hits { get; set; }
}
