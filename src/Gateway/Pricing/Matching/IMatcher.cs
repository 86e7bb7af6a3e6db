namespace Gateway.Pricing.Matching;

/// <summary>One requirement of a condition.</summary>
internal interface IMatcher
{
    /// <summary>What it looks at, for people: <c>the query parameter 'language_id'</c>.</summary>
    string Subject { get; }

    /// <summary>Must not throw.</summary>
    Answer Matches(in RequestFacts facts);

    /// <summary>What <see cref="Matches"/> looked at, for whoever asks why; null when it is not there.</summary>
    string? Found(in RequestFacts facts);

    /// <summary>What it accepts, for people.</summary>
    string Accepted { get; }

    /// <summary>For the caller; to be asked only where <see cref="Matches"/> is unclear.</summary>
    string WhyUnclear(in RequestFacts facts) => $"What {Subject} holds must be a plain number here.";
}
