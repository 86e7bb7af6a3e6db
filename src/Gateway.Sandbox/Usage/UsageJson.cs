using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Sandbox.Usage;

// What is read is settable and not init: source-generated init goes through a constructor of many parameters, at twice the time.

internal sealed class UsageRequest
{
    public string? IdempotencyKey { get; set; }

    public string? CustomerId { get; set; }

    public string? MerchantId { get; set; }

    public string? Timestamp { get; set; }

    public List<UsageProperty?>? Properties { get; set; }

    public string? EntitlementId { get; set; }

    public Dictionary<string, string?>? Metadata { get; set; }
}

internal sealed class UsageProperty
{
    public string? BillableMetricId { get; set; }

    /// <summary>0 when it is no whole number: a fraction must be refused, not rounded.</summary>
    [JsonConverter(typeof(WholeNumber))]
    public long Quantity { get; set; }

    public string? Price { get; set; }
}

internal sealed class WholeNumber : JsonConverter<long>
{
    public override bool HandleNull => true;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number) return reader.TryGetInt64(out var whole) ? whole : 0;
        reader.Skip();
        return 0;
    }

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>Each event is read by itself, so that one malformed event fails alone and not its batch: null then.</summary>
[JsonConverter(typeof(UsageBatchReader))]
internal sealed record UsageBatchRequest(IReadOnlyList<UsageRequest?>? Events);

internal sealed class UsageBatchReader : JsonConverter<UsageBatchRequest>
{
    public override UsageBatchRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<UsageRequest?>? events = null;
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEvents = reader.ValueTextEquals("events"u8);
            reader.Read();
            if (!isEvents || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            events = new List<UsageRequest?>(1000);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) events.Add(ReadEvent(ref reader));
        }

        return new UsageBatchRequest(events);
    }

    public override void Write(Utf8JsonWriter writer, UsageBatchRequest value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static UsageRequest? ReadEvent(ref Utf8JsonReader reader)
    {
        var start = reader;
        try
        {
            return JsonSerializer.Deserialize(ref reader, UsageJson.Default.UsageRequest);
        }
        catch (JsonException)
        {
            reader = start;
            reader.Skip();
            return null;
        }
    }
}

internal sealed record UsageEvent(
    string Id, string Object, string SubscriptionId, string CustomerId, string ConsumerId, string MerchantId, string? Description, string? EntitlementId,
    IReadOnlyList<UsageEventProperty> Properties, string Timestamp, string CreatedAt, string IdempotencyKey, IReadOnlyDictionary<string, string?>? Metadata,
    UsageBilling? Billing, UsageRefund? Refund);

internal sealed record UsageEventProperty(string BillableMetricId, long Quantity, string? Price);

internal sealed record UsageBilling(string BillingEventId, string Currency, string? InvoiceId, long Price, long TotalTax, long TotalAmount);

internal sealed record UsageRefund(string? Reason, string RefundedAt);

internal sealed record UsageBatchAnswer(string Object, IReadOnlyList<UsageEvent> Successful, IReadOnlyList<UsageFailure> Failed, UsageSummary Summary);

internal sealed record UsageFailure(int Index, string Error, string? IdempotencyKey);

internal sealed record UsageSummary(int Total, int Successful, int Failed);

internal sealed record UsageList(string Object, IReadOnlyList<UsageEvent> Data, Pagination Pagination);

internal sealed record Pagination(int Limit, int Offset, int Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UsageRequest))]
[JsonSerializable(typeof(UsageBatchRequest))]
[JsonSerializable(typeof(UsageEvent))]
[JsonSerializable(typeof(UsageBatchAnswer))]
[JsonSerializable(typeof(UsageList))]
internal sealed partial class UsageJson : JsonSerializerContext;
