namespace Gateway.Journal.Records;

/// <summary>A usage event that the provider refused for good, with its answer.</summary>
/// <param name="RequestId">The settlement's request.</param>
/// <param name="ChargeIndex">Which of the settlement's charges.</param>
/// <param name="StatusCode">The provider's status for the event.</param>
/// <param name="Reason">The provider's words; at most 1024 bytes of UTF-8.</param>
internal readonly record struct EventQuarantined(Guid RequestId, int ChargeIndex, int StatusCode, string Reason)
    : IJournalRecord<EventQuarantined>
{
    public static RecordType RecordType => RecordType.EventQuarantined;

    public int MaxLength => 24 + RecordWriter.MaxLengthOf(Reason);

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(RequestId);
        writer.Write(ChargeIndex);
        writer.Write(StatusCode);
        writer.Write(Reason);
        return writer.Length;
    }

    public static EventQuarantined Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadGuid(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadString());
    }
}
