namespace Gateway.Journal.Records;

/// <summary>Every usage event of every settlement at or before <paramref name="Through"/> is acknowledged or quarantined.</summary>
internal readonly record struct Shipped(JournalPosition Through) : IJournalRecord<Shipped>
{
    public static RecordType RecordType => RecordType.Shipped;

    public int MaxLength => 12;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(Through);
        return writer.Length;
    }

    public static Shipped Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadPosition());
    }
}
