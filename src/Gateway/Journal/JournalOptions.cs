namespace Gateway.Journal;

internal enum Durability
{
    /// <summary>A charge survives the death of the process at once, and of the machine after the next flush.</summary>
    Process,

    /// <summary>The response waits until its charge is on disk.</summary>
    Disk,
}

/// <summary>What is charged for requests that were under way when the process ended.</summary>
internal enum HoldPolicy
{
    /// <summary>Nothing: no client has their answers.</summary>
    Forgive,

    /// <summary>What they had set aside: the upstream may have done their work.</summary>
    ChargeHold,
}

/// <summary>Where charges are kept until the provider has them.</summary>
internal enum LedgerEngine
{
    /// <summary>In memory-mapped files of this node.</summary>
    Disk,

    /// <summary>In a stream of the Redis that all nodes share: for nodes without a disk.</summary>
    RedisStreams,
}

internal sealed class JournalOptions
{
    /// <summary>
    /// Default <c>Disk</c>. <c>RedisStreams</c> needs an external Redis, every response waits for it, and a charge is as durable as that Redis makes it;
    /// <c>FlushMilliseconds</c> and <c>SegmentBytes</c> have no meaning then.
    /// </summary>
    public LedgerEngine Engine { get; set; } = LedgerEngine.Disk;

    /// <summary>Default <c>Forgive</c>.</summary>
    public HoldPolicy Recovery { get; set; } = HoldPolicy.Forgive;

    /// <summary>Default <c>Process</c>.</summary>
    public Durability Durability { get; set; } = Durability.Process;

    /// <summary>Milliseconds between flushes to disk, 1 to 10,000. Default 20.</summary>
    public int FlushMilliseconds { get; set; } = 20;

    /// <summary>Bytes of one segment file, preallocated: 65,536 to 1,073,741,824. Default 16,777,216.</summary>
    public int SegmentBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Most bytes the journal may have on disk, or the stream in Redis, 131,072 or more. At the limit metered requests are refused with 503. Default 10,737,418,240.</summary>
    public long MaxBytes { get; set; } = 10L * 1024 * 1024 * 1024;
}
