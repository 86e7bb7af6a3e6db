namespace Gateway.Journal;

/// <summary>One record as it lies in the mapped file. Valid until the reader's next move.</summary>
internal readonly ref struct JournalEntry(
    JournalPosition position, JournalPosition nextPosition, RecordType type, ReadOnlySpan<byte> payload)
{
    public JournalPosition Position { get; } = position;

    /// <summary>Where a reader goes on that has dealt with this record.</summary>
    public JournalPosition NextPosition { get; } = nextPosition;

    /// <summary>May be a number that this build has no name for.</summary>
    public RecordType Type { get; } = type;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Whether it is a settlement, of this or an earlier build.</summary>
    public bool IsSettled => Type is RecordType.Settled or RecordType.SettledWide;

    public T Read<T>()
        where T : struct, IJournalRecord<T> =>
        Type == T.RecordType ? T.Read(Payload) : T.ReadEarlier(Type, Payload);
}
