namespace Gateway.Journal.Records;

/// <summary>What went back to the pool; closes the lease.</summary>
internal readonly record struct LeaseReturned(Guid LeaseId, long Units, int Uses) : IJournalRecord<LeaseReturned>
{
    public static RecordType RecordType => RecordType.LeaseReturned;

    public int MaxLength => 28;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(LeaseId);
        writer.Write(Units);
        writer.Write(Uses);
        return writer.Length;
    }

    public static LeaseReturned Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadGuid(), reader.ReadInt64(), reader.ReadInt32());
    }
}
