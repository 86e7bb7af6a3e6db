namespace Gateway.Pricing.Matching;

/// <summary>Why a requirement holds or does not.</summary>
/// <param name="Subject">What it looked at: <c>the query parameter 'language_id'</c>.</param>
/// <param name="Found">What was there; null: nothing.</param>
/// <param name="Accepted">What it accepts.</param>
/// <param name="Answer">What came of it.</param>
internal sealed record Finding(string Subject, string? Found, string Accepted, Answer Answer)
{
    // As much as a line has room for.
    private const int MostShown = 60;

    public override string ToString() => Found switch
    {
        null => $"{Subject} is missing; accepted: {Accepted}",
        { Length: > MostShown } => $"{Subject} is {Found[..MostShown]}…; accepted: {Accepted}",
        _ when Answer == Answer.Yes => $"{Subject} is {Found}",
        _ => $"{Subject} is {Found}; accepted: {Accepted}",
    };
}
