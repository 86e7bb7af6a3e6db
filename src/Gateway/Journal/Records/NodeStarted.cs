namespace Gateway.Journal.Records;

/// <summary>First record of each run of the process.</summary>
/// <param name="NodeId">The node; the same after a restart on the same data directory.</param>
/// <param name="Incarnation">Grows with each start of the node.</param>
/// <param name="At">When, UTC.</param>
internal readonly record struct NodeStarted(Guid NodeId, long Incarnation, DateTimeOffset At) : IJournalRecord<NodeStarted>
{
    public static RecordType RecordType => RecordType.NodeStarted;

    public int MaxLength => 32;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(NodeId);
        writer.Write(Incarnation);
        writer.Write(At);
        return writer.Length;
    }

    public static NodeStarted Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadGuid(), reader.ReadInt64(), reader.ReadTime());
    }
}
