namespace Gateway.Pricing.Matching;

internal sealed class QueryMatcher(string name, AcceptedValues values) : IMatcher
{
    public string Subject => $"the query parameter '{name}'";

    public Answer Matches(in RequestFacts facts) => facts.Query.TryGetValue(name, out var found) ? values.Any(found) : Answer.No;

    public string? Found(in RequestFacts facts) => facts.Query.TryGetValue(name, out var found) ? $"'{string.Join("', '", found.ToArray())}'" : null;

    public string Accepted => values.ToString();

    public override string ToString() => $"query {name} is {values}";
}
