using System.Collections.Immutable;
using Gateway.Pricing;
using Gateway.Pricing.Matching;

namespace Gateway.Configuration.Reading;

/// <summary>Reads the <c>When</c> of the meters of one route.</summary>
internal sealed class ConditionReader(IReadOnlyCollection<string>? pathParameters, FieldReader fields)
{
    public Condition Read(SectionReader meter, string name)
    {
        var alternatives = meter.OneOrMore(name);
        if (alternatives.Count == 0) meter.Error(name, "is empty; leave it out to charge always");
        return new Condition([.. alternatives.Select(Alternative)]);
    }

    private ImmutableArray<IMatcher> Alternative(SectionReader at)
    {
        var findings = at.Findings.Count;
        List<IMatcher> matchers =
        [
            .. Method(at),
            .. Named(at, "Header", Header),
            .. Named(at, "Query", (_, name, values) => new QueryMatcher(name, values)),
            .. Named(at, "Path", Parameter),
            .. Named(at, "Body", Body),
        ];
        at.End();
        if (matchers.Count == 0 && findings == at.Findings.Count)
        {
            at.Error("has no condition; give Method, Header, Query, Path or Body");
        }
        return [.. matchers];
    }

    private static IEnumerable<IMatcher> Method(SectionReader at)
    {
        var methods = at.Texts("Method");
        if (methods.Find(m => !Checks.IsToken(m)) is { } wrong) at.Error("Method", $"'{wrong}' is not a method");
        return methods.Count == 0 ? [] : [new MethodMatcher([.. methods.Select(m => m.ToUpperInvariant())])];
    }

    private static List<IMatcher> Named(SectionReader at, string kind, Func<SectionReader, string, AcceptedValues, IMatcher?> create)
    {
        if (!at.Has(kind)) return [];

        var matchers = new List<IMatcher>();
        var section = at.Object(kind);
        foreach (var name in section.Names())
        {
            var before = section.Findings.Count;
            var values = section.Texts(name);
            if (values.Count == 0 && before == section.Findings.Count) section.Error(name, "has no values; give one or a list");
            if (values.Count > 0 && create(section, name, new AcceptedValues(values)) is { } matcher) matchers.Add(matcher);
        }
        return matchers;
    }

    private static HeaderMatcher? Header(SectionReader at, string name, AcceptedValues values)
    {
        if (Checks.IsToken(name)) return new HeaderMatcher(name, values);

        at.Error(name, "is not a header's name");
        return null;
    }

    private PathMatcher Parameter(SectionReader at, string name, AcceptedValues values)
    {
        if (pathParameters is not null && !pathParameters.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            at.Error(name, $"the route's path has no parameter '{name}'{Suggestion.For(name, pathParameters)}");
        }
        return new PathMatcher(name, values);
    }

    private BodyMatcher? Body(SectionReader at, string path, AcceptedValues values)
    {
        if (!BodyPath.TryParse(path, out var names))
        {
            at.Error(path, $"is not a path into the body; {BodyPath.Form}");
            return null;
        }
        return new BodyMatcher(path, fields.OfRequest(names), values);
    }
}
