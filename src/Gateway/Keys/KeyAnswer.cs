using Gateway.Authentication;

namespace Gateway.Keys;

internal enum KeyVerdict
{
    /// <summary>Nobody issued it, or it was revoked.</summary>
    Unknown,

    Known,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It can not be said now: Redis does not answer, or too many unknown keys are being looked up.</summary>
    Undecided,
}

internal readonly record struct KeyAnswer(KeyVerdict Verdict, ApiKey? Key = null);
