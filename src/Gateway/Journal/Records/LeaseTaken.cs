using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>Units and uses of an entitlement that this node took from the pool.</summary>
/// <param name="LeaseId">Its operation id at the pool.</param>
/// <param name="Account">Whose they are.</param>
/// <param name="Entitlement">What they were taken of.</param>
/// <param name="Units">1 or more.</param>
/// <param name="Uses">1 or more.</param>
/// <param name="ExpiresAt">When the entitlement ends, by the pool's clock.</param>
/// <param name="Epoch">The pool's epoch, in which alone they can be returned; "" in journals of before there were epochs.</param>
internal readonly record struct LeaseTaken(
    Guid LeaseId, AccountId Account, EntitlementId Entitlement, long Units, int Uses, DateTimeOffset ExpiresAt, string Epoch) : IJournalRecord<LeaseTaken>
{
    public static RecordType RecordType => RecordType.LeaseTaken;

    public int MaxLength => 36 + RecordWriter.MaxLengthOf(Account.Customer.Value)
        + RecordWriter.MaxLengthOf(Account.Metric.Value) + RecordWriter.MaxLengthOf(Entitlement.Value) + RecordWriter.MaxLengthOf(Epoch);

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
        writer.Write(Epoch);
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
        var entitlement = new EntitlementId(reader.ReadString());
        return new(leaseId, account, entitlement, units, uses, expiresAt, reader.IsAtEnd ? "" : reader.ReadString());
    }
}
