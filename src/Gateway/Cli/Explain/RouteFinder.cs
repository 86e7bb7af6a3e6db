using Gateway.Billing.Paygentic;
using Gateway.SelfService;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Gateway.Cli.Explain;

/// <summary>
/// Which route serves a request, by ASP.NET Core's own routing over YARP's own endpoints, as in <see cref="GatewayHost"/>. The clusters are left
/// empty and nothing is started, so nothing is called.
/// </summary>
internal sealed class RouteFinder : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestDelegate _routing;
    private readonly IReadOnlyList<RouteConfig> _routes;

    private RouteFinder(WebApplication app, IReadOnlyList<RouteConfig> routes)
    {
        (_app, _routes) = (app, routes);
        app.Run(static _ => Task.CompletedTask);
        _routing = ((IApplicationBuilder)app).Build();
    }

    /// <param name="routes">YARP's.</param>
    /// <param name="selfServicePrefix">Where the gateway has pages of its own; null: nowhere.</param>
    public static RouteFinder Over(IReadOnlyList<RouteConfig> routes, string? selfServicePrefix)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore(); // without a server nothing can be built; it is never started
        builder.Services.AddRouting();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [.. routes.Select(Bare)],
            [.. routes.Select(r => r.ClusterId).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Select(id => new ClusterConfig { ClusterId = id })]);
        var app = builder.Build();
        app.UseRouting();
        app.MapReverseProxy();
        if (selfServicePrefix is { } prefix) app.MapSelfService(prefix, new PaygenticOptions());
        app.MapFallback("{**path}", static _ => Task.CompletedTask);
        return new RouteFinder(app, routes);
    }

    /// <summary>The route's id, with its path parameters put into the request; null when none serves it, or a page of the gateway's own does.</summary>
    public async Task<(string? RouteId, bool IsOwnPage)> FindAsync(HttpContext context)
    {
        context.RequestServices = _app.Services;
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        try
        {
            await _routing(context);
        }
        catch (Exception e) when (e.GetType().Name == "AmbiguousMatchException") // which is not public
        {
            throw new UsageException("More than one route serves this request with the same Order; the gateway answers 500. Give one of them another Order.");
        }

        var endpoint = context.GetEndpoint();
        var routeId = endpoint?.Metadata.GetMetadata<RouteModel>()?.Config.RouteId;
        return (routeId, routeId is null && endpoint is RouteEndpoint { RoutePattern.RawText: not "{**path}" });
    }

    /// <summary>Routes that serve the same path with another method.</summary>
    public async Task<IReadOnlyList<string>> WithOtherMethodsAsync(HttpContext context)
    {
        var (method, found) = (context.Request.Method, new List<string>());
        foreach (var other in _routes.SelectMany(r => r.Match.Methods ?? []).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            context.Request.Method = other;
            if ((await FindAsync(context)).RouteId is { } id) found.Add($"{other} ('{id}')");
        }

        context.Request.Method = method;
        return found;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>What decides whether the route matches, and nothing that needs policies of the host.</summary>
    private static RouteConfig Bare(RouteConfig route) => new() { RouteId = route.RouteId, Match = route.Match, Order = route.Order, ClusterId = route.ClusterId };
}
