using System.Collections.Immutable;
using Gateway.Model;

namespace Gateway.Pricing.Matching;

internal sealed class HeaderMatcher(string name, AcceptedValues values) : IMatcher
{
    private readonly ImmutableArray<string> _otherSpellings = HeaderSpelling.Others(name);

    public string Subject => $"the header '{name}'";

    public Answer Matches(in RequestFacts facts)
    {
        if (IsSpeltOtherwise(facts.Headers)) return Answer.Unclear;
        return facts.Headers.TryGetValue(name, out var found) ? values.Any(HeaderText.Of(found)) : Answer.No;
    }

    public string? Found(in RequestFacts facts) => facts.Headers.TryGetValue(name, out var found) ? $"'{string.Join("', '", found.ToArray())}'" : null;

    public string Accepted => values.ToString();

    public string? WhyMisspelt(in RequestFacts facts) =>
        IsSpeltOtherwise(facts.Headers) ? $"The price depends on {Subject}, which is there in another spelling: '_' and '-' are the same to some servers." : null;

    public override string ToString() => $"header {name} is {values}";

    private bool IsSpeltOtherwise(IHeaderDictionary headers)
    {
        foreach (var other in _otherSpellings)
        {
            if (headers.ContainsKey(other)) return true;
        }

        return false;
    }
}
