using System.Collections.Immutable;

namespace Gateway.Pricing.Matching;

/// <summary>Case does not count, as in YARP's routing: <c>post</c> must not be a way around a price.</summary>
internal sealed class MethodMatcher(ImmutableArray<string> methods) : IMatcher
{
    public string Subject => "the method";

    public Answer Matches(in RequestFacts facts) =>
        methods.Contains(facts.Method, StringComparer.OrdinalIgnoreCase) ? Answer.Yes : Answer.No;

    public string? Found(in RequestFacts facts) => facts.Method;

    public string Accepted => string.Join(", ", methods);

    public override string ToString() => $"method is {Accepted}";
}
