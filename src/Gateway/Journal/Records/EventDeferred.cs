using Gateway.Billing;
using Gateway.Model;

namespace Gateway.Journal.Records;

/// <summary>
/// A usage event that the provider could not decide while it decided others. It leaves its batch, so that it holds up nobody, and is sent alone
/// until it is decided. Whole, so that the segments with its charge can go.
/// </summary>
internal readonly record struct EventDeferred(UsageEvent Event) : IJournalRecord<EventDeferred>
{
    public static RecordType RecordType => RecordType.EventDeferred;

    public int MaxLength => 25 + (3 * RecordWriter.MaxCompact) + RecordWriter.MaxLengthOf(Event.IdempotencyKey)
        + RecordWriter.MaxLengthOf(Event.Customer.Value) + RecordWriter.MaxLengthOf(Event.BillableMetricId)
        + RecordWriter.MaxLengthOf(Event.Entitlement?.Value) + RecordWriter.MaxLengthOf(Event.RouteId);

    public int Write(Span<byte> destination)
    {
        var writer = new RecordWriter(destination);
        writer.WriteCompact(Event.IdempotencyKey);
        writer.Write(Event.RequestId);
        writer.WriteCompact(Event.ChargeIndex);
        writer.WriteCompact(Event.Customer.Value);
        writer.WriteCompact(Event.BillableMetricId);
        writer.Write(Event.Entitlement is null ? (byte)0 : (byte)1);
        if (Event.Entitlement is { } entitlement) writer.WriteCompact(entitlement.Value);
        writer.WriteCompact(Event.Quantity);
        writer.Write(Event.OccurredAt);
        writer.WriteCompact(Event.RouteId);
        writer.WriteCompact(Event.Charges);
        return writer.Length;
    }

    public static EventDeferred Read(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        return new(new UsageEvent(
            reader.ReadCompactString(), reader.ReadGuid(), (int)reader.ReadCompact(), new CustomerId(reader.ReadCompactString()),
            reader.ReadCompactString(), reader.ReadByte() == 0 ? null : new EntitlementId(reader.ReadCompactString()), reader.ReadCompact(),
            reader.ReadTime(), reader.ReadCompactString(), reader.ReadCompact()));
    }
}
