namespace Gateway.Pricing.Sources;

/// <summary>Where the time of a request ends.</summary>
internal enum TimedUntil
{
    /// <summary>The end of the answer's body.</summary>
    End,

    /// <summary>The answer's headers.</summary>
    Headers,
}
