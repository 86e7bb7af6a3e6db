namespace Gateway.Journal.Records;

/// <summary>A deferred event is accepted or in quarantine.</summary>
internal readonly record struct DeferredDecided(string IdempotencyKey) : IJournalRecord<DeferredDecided>
{
    public static RecordType RecordType => RecordType.DeferredDecided;

    public int MaxLength => RecordWriter.MaxLengthOf(IdempotencyKey);

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.WriteCompact(IdempotencyKey);
        return writer.Length;
    }

    public static DeferredDecided Read(ReadOnlySpan<byte> payload) => new(new RecordReader(payload).ReadCompactString());
}
