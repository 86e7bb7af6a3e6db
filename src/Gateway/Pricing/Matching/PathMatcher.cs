using System.Globalization;

namespace Gateway.Pricing.Matching;

internal sealed class PathMatcher(string parameter, AcceptedValues values) : IMatcher
{
    public string Subject => $"the path's '{parameter}'";

    public Answer Matches(in RequestFacts facts) =>
        facts.Path.TryGetValue(parameter, out var found) && Convert.ToString(found, CultureInfo.InvariantCulture) is { } text
            ? values.Text(text)
            : Answer.No;

    public string? Found(in RequestFacts facts) => facts.Path.TryGetValue(parameter, out var found) && found is not null
        ? $"'{Convert.ToString(found, CultureInfo.InvariantCulture)}'"
        : null;

    public string Accepted => values.ToString();

    public override string ToString() => $"path {parameter} is {values}";
}
