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
        if (!facts.Headers.TryGetValue(name, out var found)) return Answer.No;
        return found.Count > 1 ? Answer.Unclear : values.Line(HeaderText.Of(found.ToString()));
    }

    public string? Found(in RequestFacts facts) => facts.Headers.TryGetValue(name, out var found) ? $"'{string.Join("', '", found.ToArray())}'" : null;

    public string Accepted => values.ToString();

    public string? WhyAmbiguous(in RequestFacts facts)
    {
        if (IsSpeltOtherwise(facts.Headers)) return $"The price depends on {Subject}, which is there in another spelling: '_' and '-' are the same to some servers.";
        if (!facts.Headers.TryGetValue(name, out var found)) return null;
        if (found.Count > 1) return $"The price depends on {Subject}, which is there more than once: some servers take the first, others the last.";
        return found.ToString().Contains(',', StringComparison.Ordinal)
            ? $"The price depends on {Subject}, which is a list here: some servers take the first of it, others the last, or all of it as one."
            : null;
    }

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
