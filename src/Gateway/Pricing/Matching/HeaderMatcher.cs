using Gateway.Model;

namespace Gateway.Pricing.Matching;

internal sealed class HeaderMatcher(string name, AcceptedValues values) : IMatcher
{
    public string Subject => $"the header '{name}'";

    public Answer Matches(in RequestFacts facts) => facts.Headers.TryGetValue(name, out var found) ? values.Any(HeaderText.Of(found)) : Answer.No;

    public override string ToString() => $"header {name} is {values}";
}
