using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Cli.Explain;

/// <summary>What a request would cost, and why.</summary>
internal sealed record CostExplanation
{
    public required string Method { get; init; }

    /// <summary>Null: not told.</summary>
    public string? Path { get; init; }

    /// <summary>Null: no route serves it.</summary>
    public string? Route { get; init; }

    /// <summary>The answer, where the gateway refuses it whoever asks.</summary>
    public RefusalExplanation? Refused { get; init; }

    /// <summary>Nothing is charged, by the operator's word.</summary>
    public bool Free { get; init; }

    /// <summary>No key is asked for.</summary>
    public bool Anonymous { get; init; }

    /// <summary>What becomes of it when billing can not decide: <c>Deny</c> or <c>Allow</c>.</summary>
    public string? WhenUnavailable { get; init; }

    /// <summary>With <c>Allow</c>: how many units a customer may have on each node in each outage.</summary>
    public long AllowanceUnits { get; init; }

    /// <summary>All meters of the route, those that charge it and those that do not.</summary>
    public IReadOnlyList<MeterExplanation> Meters { get; init; } = [];

    /// <summary>What each way to end costs on the meters that charge.</summary>
    public IReadOnlyList<EndingExplanation> Endings { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A refusal as the client gets it.</summary>
internal sealed record RefusalExplanation(int Status, string Type, string Title, string? Detail);

/// <param name="Index">Its place among the meters of its route, from 0.</param>
/// <param name="Charges">Whether it charges this request; null: the request is refused, so nobody knows.</param>
/// <param name="Why">Which condition holds, or fails.</param>
/// <param name="HeldUnits">Whole units set aside before it is forwarded; null where the meter does not charge.</param>
/// <param name="HeldFrom">What says so.</param>
/// <param name="Units">Whole units charged for an answer in full, where they are known before; null: afterwards only. With <c>Carry</c>, one more when the customer's fraction makes it full.</param>
/// <param name="FractionMicroUnits">With <c>Carry</c>: millionths of a unit that go to the customer's next charge.</param>
/// <param name="Quantity">Where the quantity comes from, and how it is rounded.</param>
internal sealed record MeterExplanation(
    int Index, string Metric, string BillableMetricId, string Unit, string Source, bool? Charges, string Why, long? HeldUnits, string? HeldFrom,
    long? Units, long? FractionMicroUnits, string? Quantity)
{
    /// <summary>The job whose result it charges.</summary>
    public string? Job { get; init; }
}

/// <param name="When">The statuses or outcomes.</param>
/// <param name="Costs">By meter.</param>
internal sealed record EndingExplanation(IReadOnlyList<string> When, IReadOnlyList<CostOfEnding> Costs);

/// <param name="Index">Of the meter.</param>
/// <param name="Share"><c>Nothing</c>, <c>Measured</c> or <c>Full</c>.</param>
/// <param name="Units">Whole units where they are known.</param>
/// <param name="Text">In words.</param>
internal sealed record CostOfEnding(int Index, string Metric, string Share, long? Units, string Text);

[JsonSerializable(typeof(CostExplanation))]
[JsonSerializable(typeof(ReceiptExplanation))]
internal sealed partial class ExplainJson : JsonSerializerContext
{
    /// <summary>Leaves quotes and the like as they are: this is read by people, and never inside HTML.</summary>
    public static ExplainJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });
}
