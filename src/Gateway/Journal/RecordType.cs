namespace Gateway.Journal;

/// <summary>The byte that names a record on disk. Numbers are never reused: old segments must always open.</summary>
internal enum RecordType : byte
{
    None = 0,
    NodeStarted = 1,
    LeaseTaken = 2,
    LeaseReturned = 3,
    HoldPlaced = 4,
    Settled = 5,
    Shipped = 6,
    EventQuarantined = 7,
    CarrySnapshot = 8,
}
