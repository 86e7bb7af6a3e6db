using Gateway.Journal.Records;

namespace Gateway.Journal;

/// <summary>What of requests and leases outlives this process. Kept by the journal on this node's disk, or in a stream in Redis.</summary>
internal interface ILedger
{
    /// <summary>Whether new metered requests may be taken. Turns false while there is still room for those in flight. A few volatile reads.</summary>
    bool CanAppend { get; }

    JournalHealth Health { get; }

    /// <summary>What it takes up where it is kept.</summary>
    long Bytes { get; }

    /// <summary>
    /// Whether a charge is kept as soon as <see cref="AppendAsync(in Settled)"/> has returned, whatever becomes of its task: a flush that fails takes nothing out of the journal. Where
    /// it goes over a network the task alone can tell.
    /// </summary>
    bool KeepsAtOnce { get; }

    /// <summary>Whether this node's next start finds the fractions of units in it.</summary>
    bool KeepsFractions { get; }

    /// <summary>Before a request is forwarded. Throws <see cref="JournalUnavailableException"/>; the request is then refused.</summary>
    void Append(in HoldPlaced hold);

    /// <summary>A request ended without a charge.</summary>
    void Append(in HoldReleased released);

    /// <summary>
    /// Before a client can have the whole answer. Throws <see cref="JournalUnavailableException"/> at once when the charge can not be kept. The task
    /// ends when the charge survives what the durability promises; if it fails, that is not known. The charges themselves are read before this returns.
    /// </summary>
    ValueTask AppendAsync(in Settled settled);

    JournalPosition Append(in LeaseTaken taken);

    void Append(in LeaseReturned returned);

    void Append(in CarrySnapshot carry);
}
