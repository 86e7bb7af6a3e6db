namespace Gateway.Pricing.Matching;

/// <summary>One requirement of a condition.</summary>
internal interface IMatcher
{
    /// <summary>What it looks at, for people: <c>the query parameter 'language_id'</c>.</summary>
    string Subject { get; }

    /// <summary>Must not throw.</summary>
    Answer Matches(in RequestFacts facts);
}
