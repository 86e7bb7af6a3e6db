namespace Gateway.Journal.Records;

/// <summary>
/// A link of the chain over the segments: the seal of segment <paramref name="Segment"/>, over its bytes and the seal before it. Any later change of a
/// segment, and a segment that is gone, breaks the chain.
/// </summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Length">How many of its bytes are sealed; what follows is unused.</param>
/// <param name="Previous">The seal of the segment before; "" for a journal's first.</param>
/// <param name="Seal">SHA-256, in hexadecimal, of the previous seal, the number, the length and the bytes.</param>
internal readonly record struct SegmentSealed(long Segment, long Length, string Previous, string Seal) : IJournalRecord<SegmentSealed>
{
    public static RecordType RecordType => RecordType.SegmentSealed;

    public int MaxLength => 16 + RecordWriter.MaxLengthOf(Previous) + RecordWriter.MaxLengthOf(Seal);

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(Segment);
        writer.Write(Length);
        writer.WriteCompact(Previous);
        writer.WriteCompact(Seal);
        return writer.Length;
    }

    public static SegmentSealed Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadCompactString(), reader.ReadCompactString());
    }
}
