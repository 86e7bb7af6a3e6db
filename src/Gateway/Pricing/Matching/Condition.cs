using System.Collections.Immutable;

namespace Gateway.Pricing.Matching;

/// <summary>
/// Alternatives, each a list of requirements that must all hold. Unclear only when it would change the outcome: a requirement that fails
/// settles its alternative, an alternative that holds settles the whole.
/// </summary>
internal sealed class Condition(ImmutableArray<ImmutableArray<IMatcher>> alternatives)
{
    public Answer Holds(in RequestFacts facts)
    {
        var answer = Answer.No;
        foreach (var alternative in alternatives)
        {
            var one = AllHold(alternative, in facts);
            if (one == Answer.Yes) return Answer.Yes;
            if (one == Answer.Unclear) answer = Answer.Unclear;
        }
        return answer;
    }

    /// <summary>A text for the caller; to be asked only after <see cref="Holds"/> said so.</summary>
    public string WhatIsUnclear(in RequestFacts facts)
    {
        foreach (var matcher in alternatives.SelectMany(a => a))
        {
            if (matcher.Matches(in facts) == Answer.Unclear) return matcher.WhyAmbiguous(in facts) ?? $"What {matcher.Subject} holds must be a plain number here.";
        }
        return "The request is unclear.";
    }

    /// <summary>What each requirement of each alternative saw, by the same matchers that decide. Only for who asks why: it makes texts.</summary>
    public ImmutableArray<ImmutableArray<Finding>> Explain(RequestFacts facts) =>
        [.. alternatives.Select(a => a.Select(m => new Finding(m.Subject, m.Found(facts), m.Accepted, m.Matches(facts))).ToImmutableArray())];

    public override string ToString() => string.Join(" or ", alternatives.Select(a => string.Join(" and ", a)));

    private static Answer AllHold(ImmutableArray<IMatcher> requirements, in RequestFacts facts)
    {
        var answer = Answer.Yes;
        foreach (var requirement in requirements)
        {
            var one = requirement.Matches(in facts);
            if (one == Answer.No) return Answer.No;
            if (one == Answer.Unclear) answer = Answer.Unclear;
        }
        return answer;
    }
}
