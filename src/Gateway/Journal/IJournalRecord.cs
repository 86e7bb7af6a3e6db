namespace Gateway.Journal;

/// <summary>A value that the journal can keep. Implemented by small structs, so that an append neither boxes nor allocates.</summary>
internal interface IJournalRecord<T>
    where T : struct, IJournalRecord<T>
{
    static abstract RecordType RecordType { get; }

    /// <summary>Bytes that <see cref="Write"/> needs at most; may be generous, only what was written is kept.</summary>
    int MaxLength { get; }

    /// <summary>Writes the payload and returns its length. Throws <see cref="ArgumentException"/> for a value that does not fit the format.</summary>
    int Write(Span<byte> destination);

    static abstract T Read(ReadOnlySpan<byte> payload);

    /// <summary>Reads what an earlier build wrote under another number.</summary>
    static virtual T ReadEarlier(RecordType type, ReadOnlySpan<byte> payload) =>
        throw new InvalidOperationException($"A record of type {type} is no {T.RecordType}.");
}
