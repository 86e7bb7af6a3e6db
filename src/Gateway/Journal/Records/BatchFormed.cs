namespace Gateway.Journal.Records;

/// <summary>
/// A range of the journal that is reported together. In the journal before anything of it is sent, so that a restart makes the same events of it:
/// the same keys, the same sums.
/// </summary>
/// <param name="Number">1 for a journal's first batch, then one more each.</param>
/// <param name="From">Its first settlement.</param>
/// <param name="Through">Its last settlement.</param>
/// <param name="WindowSeconds">The window its charges are summed over; 0: every charge is an event.</param>
internal readonly record struct BatchFormed(long Number, JournalPosition From, JournalPosition Through, int WindowSeconds) : IJournalRecord<BatchFormed>
{
    public static RecordType RecordType => RecordType.BatchFormed;

    public int MaxLength => 36;

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(Number);
        writer.Write(From);
        writer.Write(Through);
        writer.Write(WindowSeconds);
        return writer.Length;
    }

    public static BatchFormed Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(reader.ReadInt64(), reader.ReadPosition(), reader.ReadPosition(), reader.ReadInt32());
    }
}
