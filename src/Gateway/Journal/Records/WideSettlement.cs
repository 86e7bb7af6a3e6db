using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>Settlements as builds before 0.4 wrote them, every number at its full width. Journals of theirs must open for ever.</summary>
internal static class WideSettlement
{
    public static Settled Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var requestId = reader.ReadGuid();
        var occurredAt = reader.ReadTime();
        var statusCode = reader.ReadInt32();
        var upstreamMicroseconds = reader.ReadInt64();
        var customer = new CustomerId(reader.ReadString());
        var routeId = reader.ReadString();
        var charges = new Charge[reader.ReadByte()];
        for (var i = 0; i < charges.Length; i++)
            charges[i] = ReadCharge(ref reader);
        return new(new Settlement(requestId, occurredAt, customer, routeId, statusCode, upstreamMicroseconds, charges));
    }

    private static Charge ReadCharge(ref RecordReader reader)
    {
        var leaseId = reader.ReadGuid();
        var units = reader.ReadInt64();
        var carry = new CarryMark(reader.ReadInt32(), reader.ReadInt64());
        var metric = new MetricName(reader.ReadString());
        var billableMetricId = reader.ReadString();
        var entitlement = reader.ReadByte() == 0 ? (EntitlementId?)null : new EntitlementId(reader.ReadString());
        return new(metric, billableMetricId, entitlement, leaseId, units, carry);
    }
}
