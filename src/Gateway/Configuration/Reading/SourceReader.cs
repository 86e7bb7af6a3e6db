using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Configuration.Reading;

/// <summary>Reads the source of one meter, and what only some sources have.</summary>
internal sealed class SourceReader(FieldReader fields)
{
    private const decimal LeastMultiply = 0.000000001m;
    private const decimal MostMultiply = 1_000_000m;

    public IMetricSource Read(SectionReader at)
    {
        var name = at.Text("Source", MetricSources.Requests.Name);
        var known = MetricSources.Names.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (known is null) at.Error("Source", $"unknown source '{name}'{Suggestion.For(name, [.. MetricSources.Names])}");

        var until = at.Choice("Until", TimedUntil.End);
        var multiply = at.Number("Multiply", 1m, LeastMultiply, MostMultiply);
        var units = at.Integer("Units", 1L, 1L, RouteReader.MaxHold);
        var (header, path) = (at.Text("Header"), at.Text("Path"));
        if (known is not null)
        {
            Only(at, "Until", known, nameof(UpstreamSeconds), nameof(UpstreamMilliseconds));
            Only(at, "Multiply", known, nameof(ResponseHeader), nameof(ResponseJson), nameof(RequestJson), nameof(RequestBytes), nameof(ResponseBytes));
            Only(at, "Units", known, nameof(Constant));
            Only(at, "Header", known, nameof(ResponseHeader));
            Only(at, "Path", known, nameof(ResponseJson), nameof(RequestJson));
            Only(at, "IfMissing", known, nameof(ResponseHeader), nameof(ResponseJson), nameof(RequestJson));
        }

        return known switch
        {
            null => new UpstreamSeconds(), // one that takes any Hold, so that the mistake is reported once
            nameof(UpstreamSeconds) => new UpstreamSeconds(until),
            nameof(UpstreamMilliseconds) => new UpstreamMilliseconds(until),
            nameof(ResponseHeader) => new ResponseHeader(HeaderName(at, header), multiply),
            nameof(ResponseJson) => new ResponseJson(path ?? "", Names(at, path) is { } names ? fields.OfResponse(names) : 0, multiply),
            nameof(RequestJson) => Names(at, path) is { } names ? new RequestJson(path!, names[0], fields.OfRequest(names), multiply) : new RequestJson("", "", 0, multiply),
            nameof(RequestBytes) => new RequestBytes(multiply),
            nameof(ResponseBytes) => new ResponseBytes(multiply),
            nameof(Constant) => new Constant(units),
            _ => MetricSources.Requests,
        };
    }

    private static void Only(SectionReader at, string key, string source, params ReadOnlySpan<string> sources)
    {
        if (at.Has(key) && !sources.Contains(source)) at.Error(key, $"means nothing to the source {source}; it belongs to {string.Join(", ", sources!)}");
    }

    private static string HeaderName(SectionReader at, string? name)
    {
        if (name is null) at.Error("Header", "is missing; name the header of the answer that has the number");
        else if (!Checks.IsToken(name)) at.Error("Header", $"'{name}' is not a header's name");
        return name ?? "";
    }

    private static List<string>? Names(SectionReader at, string? path)
    {
        if (path is not null && BodyPath.TryParse(path, out var names)) return names;
        at.Error("Path", path is null ? $"is missing; {BodyPath.Form}" : $"is not a path into a body; {BodyPath.Form}");
        return null;
    }
}
