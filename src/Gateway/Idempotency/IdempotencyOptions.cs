namespace Gateway.Idempotency;

/// <summary>What becomes of requests that a client sends again under the same <c>Idempotency-Key</c>.</summary>
internal sealed class IdempotencyOptions
{
    /// <summary>
    /// Seconds that a key is known, from the first request that has it: 1 to 604,800, or 0, and then nobody looks at the header. Default 86,400. Within it
    /// the same request is charged once. One that runs for longer is known until it ends, and up to half a minute after.
    /// </summary>
    public int WindowSeconds { get; set; } = 86_400;

    /// <summary>How often a request that was charged is forwarded again for nothing, 0 to 1,000; after that it is refused with 409. Default 5.</summary>
    public int Repeats { get; set; } = 5;
}
