namespace Gateway.Pricing.Matching;

internal sealed class QueryMatcher(string name, AcceptedValues values) : IMatcher
{
    public string Subject => $"the query parameter '{name}'";

    public Answer Matches(in RequestFacts facts)
    {
        if (QuerySpelling.IsUnclear(facts.RawQuery, name)) return Answer.Unclear;
        return facts.Query.TryGetValue(name, out var found) ? values.Any(found) : Answer.No;
    }

    public string? Found(in RequestFacts facts) => facts.Query.TryGetValue(name, out var found) ? $"'{string.Join("', '", found.ToArray())}'" : null;

    public string Accepted => values.ToString();

    public string? WhyMisspelt(in RequestFacts facts) => QuerySpelling.IsUnclear(facts.RawQuery, name)
        ? $"The price depends on {Subject}, which is there in a spelling that is another parameter to some servers, and the same to others."
        : null;

    public override string ToString() => $"query {name} is {values}";
}
