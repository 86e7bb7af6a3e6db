namespace Gateway.Model;

/// <summary>The end of a request's reservation: what is charged. What the hold had beyond it went back to the lease.</summary>
/// <param name="RequestId">The gateway's own id of the request (UUIDv7); the usage events' idempotency keys derive from it.</param>
/// <param name="OccurredAt">When the request ended, UTC.</param>
/// <param name="Customer">Who pays.</param>
/// <param name="RouteId">YARP's route id.</param>
/// <param name="StatusCode">The status the client was sent.</param>
/// <param name="UpstreamMicroseconds">Time spent in the upstream.</param>
/// <param name="Charges">At most 255.</param>
internal readonly record struct Settlement(
    Guid RequestId,
    DateTimeOffset OccurredAt,
    CustomerId Customer,
    string RouteId,
    int StatusCode,
    long UpstreamMicroseconds,
    ReadOnlyMemory<Charge> Charges)
{
    /// <summary>How the request ended; a slice of one that goes on is <see cref="Outcome.Answered"/>.</summary>
    public Outcome Outcome { get; init; }

    /// <summary>
    /// What would have become of the request: a problem's type, or <see cref="Verdicts.Allowed"/>. Null: it was for real. Nobody pays for charges with a verdict.
    /// </summary>
    public string? Verdict { get; init; }
}
