namespace Gateway.Journal;

/// <summary>The byte that names a record on disk. Numbers are never reused: old segments must always open.</summary>
internal enum RecordType : byte
{
    None = 0,
    NodeStarted = 1,
    LeaseTaken = 2,
    LeaseReturned = 3,
    HoldPlaced = 4,

    /// <summary>Settlements as earlier builds wrote them; read, never written.</summary>
    SettledWide = 5,
    Shipped = 6,
    EventQuarantined = 7,
    CarrySnapshot = 8,
    Settled = 9,
    HoldReleased = 10,
    BatchFormed = 11,
    BatchAcknowledged = 12,
    EventDeferred = 13,
    DeferredDecided = 14,
    SegmentSealed = 15,
}
