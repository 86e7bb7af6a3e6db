namespace Gateway.Journal.Records;

/// <summary>Units of a lease set aside for a request, journaled before the request is forwarded. A settlement ends it.</summary>
internal readonly record struct HoldPlaced(Guid RequestId, Guid LeaseId, long Units) : IJournalRecord<HoldPlaced>
{
    public static RecordType RecordType => RecordType.HoldPlaced;

    public int MaxLength => 40;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(RequestId);
        writer.Write(LeaseId);
        writer.Write(Units);
        return writer.Length;
    }

    public static HoldPlaced Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadGuid(), reader.ReadGuid(), reader.ReadInt64());
    }
}
