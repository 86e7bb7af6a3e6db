using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>A settlement, whole: the usage events and their idempotency keys follow from it alone.</summary>
internal readonly record struct Settled(Settlement Settlement) : IJournalRecord<Settled>
{
    private const int FixedBytes = 37;
    private const int FixedChargeBytes = 37;

    public static RecordType RecordType => RecordType.Settled;

    public int MaxLength
    {
        get
        {
            var length = FixedBytes + RecordWriter.MaxLengthOf(Settlement.Customer.Value) + RecordWriter.MaxLengthOf(Settlement.RouteId);
            foreach (ref readonly var charge in Settlement.Charges.Span)
            {
                length += FixedChargeBytes + RecordWriter.MaxLengthOf(charge.Metric.Value)
                    + RecordWriter.MaxLengthOf(charge.BillableMetricId) + RecordWriter.MaxLengthOf(charge.Entitlement?.Value);
            }

            return length;
        }
    }

    public int Write(Span<byte> destination)
    {
        var charges = Settlement.Charges.Span;
        if (charges.Length > byte.MaxValue)
            throw new ArgumentException($"A settlement may have {byte.MaxValue} charges; this one has {charges.Length}.");

        var writer = new RecordWriter(destination);
        writer.Write(Settlement.RequestId);
        writer.Write(Settlement.OccurredAt);
        writer.Write(Settlement.StatusCode);
        writer.Write(Settlement.UpstreamMicroseconds);
        writer.Write(Settlement.Customer.Value);
        writer.Write(Settlement.RouteId);
        writer.Write((byte)charges.Length);
        foreach (ref readonly var charge in charges)
            Write(ref writer, charge);
        return writer.Length;
    }

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

    private static void Write(ref RecordWriter writer, in Charge charge)
    {
        writer.Write(charge.LeaseId);
        writer.Write(charge.Units);
        writer.Write(charge.Carry.MicroUnits);
        writer.Write(charge.Carry.Version);
        writer.Write(charge.Metric.Value);
        writer.Write(charge.BillableMetricId);
        writer.Write(charge.Entitlement is null ? (byte)0 : (byte)1);
        if (charge.Entitlement is { } entitlement)
            writer.Write(entitlement.Value);
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
