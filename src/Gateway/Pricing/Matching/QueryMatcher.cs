namespace Gateway.Pricing.Matching;

internal sealed class QueryMatcher(string name, AcceptedValues values) : IMatcher
{
    public string Subject => $"the query parameter '{name}'";

    public Answer Matches(in RequestFacts facts)
    {
        if (QuerySpelling.IsUnclear(facts.RawQuery, name)) return Answer.Unclear;
        if (!facts.Query.TryGetValue(name, out var found)) return Answer.No;
        return found.Count > 1 ? Answer.Unclear : values.Text(found.ToString());
    }

    public string? Found(in RequestFacts facts) => facts.Query.TryGetValue(name, out var found) ? $"'{string.Join("', '", found.ToArray())}'" : null;

    public string Accepted => values.ToString();

    public string? WhyAmbiguous(in RequestFacts facts)
    {
        if (QuerySpelling.IsUnclear(facts.RawQuery, name))
            return $"The price depends on {Subject}, which is there in a spelling that is another parameter to some servers, and the same to others.";
        return facts.Query.TryGetValue(name, out var found) && found.Count > 1
            ? $"The price depends on {Subject}, which is there more than once: some servers take the first, others the last."
            : null;
    }

    public override string ToString() => $"query {name} is {values}";
}
