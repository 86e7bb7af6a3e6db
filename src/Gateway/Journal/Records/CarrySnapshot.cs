using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>An account's fraction, written again so that the segments with its older charges can be deleted.</summary>
internal readonly record struct CarrySnapshot(AccountId Account, CarryMark Carry) : IJournalRecord<CarrySnapshot>
{
    public static RecordType RecordType => RecordType.CarrySnapshot;

    public int MaxLength => 12 + RecordWriter.MaxLengthOf(Account.Customer.Value) + RecordWriter.MaxLengthOf(Account.Metric.Value);

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(Carry.MicroUnits);
        writer.Write(Carry.Version);
        writer.Write(Account.Customer.Value);
        writer.Write(Account.Metric.Value);
        return writer.Length;
    }

    public static CarrySnapshot Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var carry = new CarryMark(reader.ReadInt32(), reader.ReadInt64());
        return new(new(new(reader.ReadString()), new(reader.ReadString())), carry);
    }
}
