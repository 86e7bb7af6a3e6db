namespace Gateway.Admin;

/// <summary>What Prometheus reads.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        var exporter = endpoints.ServiceProvider.GetRequiredService<MetricsExporter>();
        var scrape = new Lazy<RequestDelegate>(() => endpoints.CreateApplicationBuilder()
            .UseOpenTelemetryPrometheusScrapingEndpoint(exporter.Provider, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build());
        Delegate handler = (HttpContext context) => scrape.Value(context); // as a RequestDelegate it would not be in the OpenAPI document
        endpoints.MapGet("/metrics", handler).WithTags("status")
            .WithSummary("This node's metrics for Prometheus, counted since somebody asked for them first.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
    }
}
