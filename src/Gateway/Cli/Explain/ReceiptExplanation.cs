namespace Gateway.Cli.Explain;

/// <summary>What a request did cost, by this node's journal.</summary>
internal sealed record ReceiptExplanation
{
    public required string Receipt { get; init; }

    /// <summary>When the gateway began with the request, as the receipt itself says; null: it does not.</summary>
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>Whether the journal has a charge of it.</summary>
    public required bool Found { get; init; }

    public string? Customer { get; init; }

    /// <summary>YARP's route id; "" when it was charged at a restart.</summary>
    public string? Route { get; init; }

    /// <summary>The request's settlements in the order of the journal: slices, the end, jobs.</summary>
    public IReadOnlyList<PartExplanation> Parts { get; init; } = [];

    /// <summary>What was set aside.</summary>
    public IReadOnlyList<HoldExplanation> Holds { get; init; } = [];

    /// <summary>What was charged in all.</summary>
    public IReadOnlyList<MetricTotal> Totals { get; init; } = [];

    /// <summary>Whether the configuration in force makes the same of what was recorded.</summary>
    public IReadOnlyList<CheckExplanation> Checks { get; init; } = [];

    public required SearchExplanation Searched { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <param name="Kind"><c>request</c>, <c>slice 1</c> and so on, or <c>job</c>.</param>
/// <param name="Id">Under which it is settled.</param>
/// <param name="At">Where the journal has it: segment and byte.</param>
/// <param name="StatusCode">What the client was answered; 0 when it was charged at a restart.</param>
/// <param name="UpstreamMicroseconds">From the start of forwarding to here.</param>
/// <param name="Reported">What became of its batch.</param>
internal sealed record PartExplanation(
    string Kind, string Id, string At, DateTimeOffset OccurredAt, string Outcome, int StatusCode, long UpstreamMicroseconds, string Reported,
    IReadOnlyList<ChargeExplanation> Charges)
{
    /// <summary>Null: it is in none yet.</summary>
    public long? Batch { get; init; }

    /// <summary>Each event of the batch is accepted, in quarantine or put off.</summary>
    public bool Acknowledged { get; init; }
}

/// <param name="Units">Whole units; 0: it only added to the fraction carried.</param>
/// <param name="MeasuredMicroUnits">Millionths of a unit; null: recorded with another charge of the metric, or not at all.</param>
/// <param name="CarryBeforeMicroUnits">The account's fraction before; null where none is carried or it can not be told.</param>
/// <param name="CarryAfterMicroUnits">And after.</param>
/// <param name="Entitlement">What pays; null: uncovered.</param>
/// <param name="Lease">Out of which the units came.</param>
/// <param name="LeaseUnits">How many units that lease had; null: its record is gone.</param>
/// <param name="IdempotencyKey">Of its usage event; null: none, for nothing is charged.</param>
/// <param name="EventQuantity">Of its usage event where that is a sum over several requests.</param>
/// <param name="Quarantined">Paygentic's words, where its event is in quarantine.</param>
internal sealed record ChargeExplanation(
    string Metric, string BillableMetricId, long Units, long? MeasuredMicroUnits, long? CarryBeforeMicroUnits, long? CarryAfterMicroUnits,
    string? Entitlement, string? Lease, long? LeaseUnits, string? IdempotencyKey, long? EventQuantity, string? Quarantined);

/// <param name="Kind">As of a part.</param>
internal sealed record HoldExplanation(string Kind, string Lease, long Units, string? Metric);

internal sealed record MetricTotal(string Metric, long Units);

/// <param name="Verdict"><c>agrees</c>, <c>changed</c> or <c>unknown</c>.</param>
internal sealed record CheckExplanation(string Metric, string Verdict, string Text);

/// <param name="Oldest">Of the settlements there; null: there is none.</param>
internal sealed record SearchExplanation(string Folder, long FirstSegment, long LastSegment, long Records, DateTimeOffset? Oldest, DateTimeOffset? Newest, long Damaged);
