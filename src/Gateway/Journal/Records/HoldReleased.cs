namespace Gateway.Journal.Records;

/// <summary>A request ended and is charged nothing: what it held went back.</summary>
internal readonly record struct HoldReleased(Guid RequestId) : IJournalRecord<HoldReleased>
{
    public static RecordType RecordType => RecordType.HoldReleased;

    public int MaxLength => 16;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(RequestId);
        return writer.Length;
    }

    public static HoldReleased Read(ReadOnlySpan<byte> payload) => new(new RecordReader(payload).ReadGuid());
}
