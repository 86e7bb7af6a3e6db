namespace Gateway.Reservations;

/// <summary>What went wrong for an account. Apart from it, for most accounts never have any. Units; changed by many threads.</summary>
internal sealed class Mishaps
{
    private int _ambiguous;

    public long Uncovered;
    public long Expired;
    public long Frozen;
    public long Allowed;

    /// <summary>How long to leave the provider alone after this many ambiguous answers in a row: each may have frozen money.</summary>
    public TimeSpan BackOff() => TimeSpan.FromSeconds(Math.Min(60, 1 << Math.Min(6, _ambiguous++)));

    public void Answered() => _ambiguous = 0;
}
