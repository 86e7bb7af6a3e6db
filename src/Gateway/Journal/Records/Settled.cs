using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>A settlement, whole: the usage events and their idempotency keys follow from it alone.</summary>
internal readonly record struct Settled(Settlement Settlement) : IJournalRecord<Settled>
{
    private const int FixedBytes = 25 + (3 * RecordWriter.MaxCompact);
    private const int FixedChargeBytes = 17 + (4 * RecordWriter.MaxCompact);

    public static RecordType RecordType => RecordType.Settled;

    public int MaxLength
    {
        get
        {
            var length = FixedBytes + RecordWriter.MaxLengthOf(Settlement.Customer.Value) + RecordWriter.MaxLengthOf(Settlement.RouteId)
                + RecordWriter.MaxLengthOf(Settlement.Verdict);
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
        writer.WriteCompact(Settlement.StatusCode);
        writer.WriteCompact(Settlement.UpstreamMicroseconds);
        writer.WriteCompact(Settlement.Customer.Value);
        writer.WriteCompact(Settlement.RouteId);
        writer.WriteCompact(charges.Length);
        foreach (ref readonly var charge in charges)
            Write(ref writer, charge);
        writer.Write((byte)Settlement.Outcome);
        foreach (ref readonly var charge in charges)
            writer.WriteCompact(charge.Measured);
        if (Settlement.Verdict is { } verdict)
            writer.WriteCompact(verdict);
        return writer.Length;
    }

    public static Settled Read(ReadOnlySpan<byte> payload) => Read(payload, default);

    /// <param name="payload">The record.</param>
    /// <param name="room">The charges are put here where it is large enough: then they are good until it is used again.</param>
    public static Settled Read(ReadOnlySpan<byte> payload, Memory<Charge> room)
    {
        var reader = new RecordReader(payload);
        var requestId = reader.ReadGuid();
        var occurredAt = reader.ReadTime();
        var statusCode = (int)reader.ReadCompact();
        var upstreamMicroseconds = reader.ReadCompact();
        var customer = new CustomerId(reader.ReadCompactString());
        var routeId = reader.ReadCompactString();
        var count = (byte)reader.ReadCompact();
        var kept = count <= room.Length ? room[..count] : new Charge[count];
        var charges = kept.Span;
        for (var i = 0; i < charges.Length; i++)
            charges[i] = ReadCharge(ref reader);
        var settlement = new Settlement(requestId, occurredAt, customer, routeId, statusCode, upstreamMicroseconds, kept);
        if (reader.IsAtEnd) return new(settlement); // written before 0.6

        var outcome = (Outcome)reader.ReadByte();
        for (var i = 0; i < charges.Length; i++)
            charges[i] = charges[i] with { Measured = reader.ReadCompact() };
        return new(settlement with { Outcome = outcome, Verdict = reader.IsAtEnd ? null : reader.ReadCompactString() });
    }

    public static Settled ReadEarlier(RecordType type, ReadOnlySpan<byte> payload) =>
        type == RecordType.SettledWide ? WideSettlement.Read(payload) : throw new InvalidOperationException($"A record of type {type} is no settlement.");

    private static void Write(ref RecordWriter writer, in Charge charge)
    {
        writer.Write(charge.LeaseId);
        writer.WriteCompact(charge.Units);
        writer.WriteCompact(charge.Carry.MicroUnits);
        writer.WriteCompact(charge.Carry.Version);
        writer.WriteCompact(charge.Metric.Value);
        writer.WriteCompact(charge.BillableMetricId);
        writer.Write(charge.Entitlement is null ? (byte)0 : (byte)1);
        if (charge.Entitlement is { } entitlement)
            writer.WriteCompact(entitlement.Value);
    }

    private static Charge ReadCharge(ref RecordReader reader)
    {
        var leaseId = reader.ReadGuid();
        var units = reader.ReadCompact();
        var carry = new CarryMark((int)reader.ReadCompact(), reader.ReadCompact());
        var metric = new MetricName(reader.ReadCompactString());
        var billableMetricId = reader.ReadCompactString();
        var entitlement = reader.ReadByte() == 0 ? (EntitlementId?)null : new EntitlementId(reader.ReadCompactString());
        return new(metric, billableMetricId, entitlement, leaseId, units, carry);
    }
}
