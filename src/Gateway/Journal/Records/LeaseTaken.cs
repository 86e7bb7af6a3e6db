using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>Units and uses of an entitlement that this node took from the pool.</summary>
internal readonly record struct LeaseTaken(
    Guid LeaseId, AccountId Account, EntitlementId Entitlement, long Units, int Uses, DateTimeOffset ExpiresAt) : IJournalRecord<LeaseTaken>
{
    public static RecordType RecordType => RecordType.LeaseTaken;

    public int MaxLength => 36 + RecordWriter.MaxLengthOf(Account.Customer.Value)
        + RecordWriter.MaxLengthOf(Account.Metric.Value) + RecordWriter.MaxLengthOf(Entitlement.Value);

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.Write(LeaseId);
        writer.Write(Units);
        writer.Write(Uses);
        writer.Write(ExpiresAt);
        writer.Write(Account.Customer.Value);
        writer.Write(Account.Metric.Value);
        writer.Write(Entitlement.Value);
        return writer.Length;
    }

    public static LeaseTaken Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var leaseId = reader.ReadGuid();
        var units = reader.ReadInt64();
        var uses = reader.ReadInt32();
        var expiresAt = reader.ReadTime();
        var account = new AccountId(new(reader.ReadString()), new(reader.ReadString()));
        return new(leaseId, account, new(reader.ReadString()), units, uses, expiresAt);
    }
}
