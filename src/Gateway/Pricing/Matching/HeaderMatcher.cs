using Gateway.Model;

namespace Gateway.Pricing.Matching;

internal sealed class HeaderMatcher(string name, AcceptedValues values) : IMatcher
{
    public string Subject => $"the header '{name}'";

    public Answer Matches(in RequestFacts facts) => facts.Headers.TryGetValue(name, out var found) ? values.Any(HeaderText.Of(found)) : Answer.No;

    public string? Found(in RequestFacts facts) => facts.Headers.TryGetValue(name, out var found) ? $"'{string.Join("', '", found.ToArray())}'" : null;

    public string Accepted => values.ToString();

    public override string ToString() => $"header {name} is {values}";
}
