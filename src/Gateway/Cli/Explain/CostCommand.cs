using System.Text.Json;
using Gateway.Configuration;
using Gateway.Configuration.Reading;
using Gateway.Pipeline;
using Gateway.Pricing;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Cli.Explain;

/// <summary><c>Gateway explain --path … --body …</c>: finds the request's route, and says what it would cost there.</summary>
internal static class CostCommand
{
    /// <param name="sketch">The request.</param>
    /// <param name="configPath">The file.</param>
    /// <param name="environment">Laid over the file; null: the process's environment.</param>
    public static async Task<IAnswer> ExplainAsync(RequestSketch sketch, string configPath, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var (snapshot, routes) = Read(configPath, environment);
        if (sketch.Route is { } named && !snapshot.Catalog.TryGet(named, out _))
            throw new UsageException($"There is no route '{named}'{Suggestion.For(named, [.. snapshot.Catalog.Rules.Select(r => r.RouteId)])}");
        if (sketch is { Route: null, Path: null }) throw new UsageException("Say by --path or --route which request it is.");

        var context = sketch.ToContext(MethodOf(sketch, routes));
        var notes = new List<string>();
        var rule = await RuleOfAsync(sketch, context, snapshot, routes, notes);
        if (rule is null) return new CostAnswer(await UnroutedAsync(sketch, context, snapshot, routes));
        var explained = await new CostExplainer(snapshot).ExplainAsync(context, rule, sketch.Path);
        return new CostAnswer(explained with { Notes = [.. notes, .. explained.Notes] });
    }

    private static (GatewaySnapshot Snapshot, IReadOnlyList<RouteConfig> Routes) Read(string configPath, IReadOnlyDictionary<string, string?>? environment)
    {
        if (ConfigurationFile.TryRead(configPath) is not { } text) throw new UsageException($"{configPath}: the file can not be read.");
        if (ConfigurationFile.Parse(text, out var error) is not { } data) throw new UsageException($"{configPath}: {error!.Message}");
        var composed = ConfigurationFile.Compose(data, environment);
        using var disposal = composed as IDisposable;
        var result = GatewayConfiguration.Validate(composed);
        return result.IsValid ? (result.Snapshot, ProxyReader.Read(composed, new Findings())) : throw new InvalidConfigurationException(result.Errors);
    }

    private static string MethodOf(RequestSketch sketch, IReadOnlyList<RouteConfig> routes)
    {
        if (sketch.Method is { } told) return told;
        if (sketch.Body is not null) return HttpMethods.Post;
        return RouteOf(sketch, routes)?.Match.Methods is [var first, ..] ? first : HttpMethods.Get;
    }

    private static RouteConfig? RouteOf(RequestSketch sketch, IReadOnlyList<RouteConfig> routes) =>
        routes.FirstOrDefault(r => r.RouteId.Equals(sketch.Route, StringComparison.OrdinalIgnoreCase));

    private static async Task<RouteRule?> RuleOfAsync(
        RequestSketch sketch, HttpContext context, GatewaySnapshot snapshot, IReadOnlyList<RouteConfig> routes, List<string> notes)
    {
        var id = sketch.Route;
        if (sketch.Path is null)
        {
            notes.Add("The route is taken as told; without --path, conditions on the path find nothing.");
        }
        else
        {
            await using var finder = RouteFinder.Over(routes, snapshot.Options.SelfService.Prefix);
            var (found, isOwnPage) = await finder.FindAsync(context);
            if (isOwnPage) throw new UsageException($"{sketch.Path} is a page of the gateway's own (Gateway:SelfService): it costs nothing and is not forwarded.");
            if (id is not null && found is not null && !id.Equals(found, StringComparison.OrdinalIgnoreCase))
                throw new UsageException($"{context.Request.Method} {sketch.Path} is served by the route '{found}', not by '{id}'; leave --route out, or give another --path or --method.");
            id = found;
        }

        return id is not null && snapshot.Catalog.TryGet(id, out var rule) ? rule : null;
    }

    private static async Task<CostExplanation> UnroutedAsync(
        RequestSketch sketch, HttpContext context, GatewaySnapshot snapshot, IReadOnlyList<RouteConfig> routes)
    {
        await using var finder = RouteFinder.Over(routes, snapshot.Options.SelfService.Prefix);
        var others = await finder.WithOtherMethodsAsync(context);
        var paths = routes.Select(r => r.Match.Path).OfType<string>().Distinct().ToList();
        var hint = others.Count > 0 ? $"the path is served with {string.Join(", ", others)}" : $"no route's path matches{Suggestion.For(sketch.Path!, paths)}";
        return new CostExplanation
        {
            Method = context.Request.Method,
            Path = sketch.Path,
            Refused = CostExplainer.Refuse(Denial.RouteUnknown, null),
            Notes = [hint],
        };
    }

    private sealed class CostAnswer(CostExplanation explanation) : IAnswer
    {
        public int ExitCode => explanation.Refused is null ? ExplainCommand.Explained : ExplainCommand.Refused;

        public string ToJson() => JsonSerializer.Serialize(explanation, ExplainJson.Readable.CostExplanation);

        public void Write(TextWriter output) => new CostReport(explanation).Write(output);
    }
}
