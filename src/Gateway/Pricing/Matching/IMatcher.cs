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

    /// <summary>For the caller, where it is unclear which value is meant: it is there more than once, or in a spelling that is another name to some. Null: that is clear.</summary>
    string? WhyAmbiguous(in RequestFacts facts) => null;
}
