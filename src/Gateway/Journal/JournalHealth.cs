namespace Gateway.Journal;

/// <summary>How the journal is, at one moment.</summary>
/// <param name="CanAppend">Whether new requests may be taken; false while there is still room for those in flight.</param>
/// <param name="Reason">Why not, or null.</param>
/// <param name="CorruptRecords">Places whose checksum failed, or files that are missing or unreadable. Each may be lost revenue.</param>
/// <param name="TornRecords">Records that a crash left unpublished. Nobody was told of them: harmless.</param>
internal readonly record struct JournalHealth(bool CanAppend, string? Reason, long CorruptRecords, long TornRecords);
