namespace Gateway.Journal.Records;

/// <summary>Each event of a batch is accepted, in quarantine, or deferred; nothing of it is sent again.</summary>
internal readonly record struct BatchAcknowledged(long Number) : IJournalRecord<BatchAcknowledged>
{
    public static RecordType RecordType => RecordType.BatchAcknowledged;

    public int MaxLength => 8;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(Number);
        return writer.Length;
    }

    public static BatchAcknowledged Read(ReadOnlySpan<byte> payload) => new(new RecordReader(payload).ReadInt64());
}
