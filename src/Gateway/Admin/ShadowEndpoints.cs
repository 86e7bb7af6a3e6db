using Gateway.Shadow;

namespace Gateway.Admin;

/// <summary>What was decided in shadow mode.</summary>
internal static class ShadowEndpoints
{
    public static void MapShadow(this IEndpointRouteBuilder endpoints)
    {
        var shadow = endpoints.MapGroup("/shadow").WithTags("shadow");
        shadow.MapGet("", async (ShadowReport report) => TypedResults.Ok(await report.ReadAsync()))
            .WithSummary("Who would have been refused and who charged with what, by route and customer, on all nodes since the last reset. Those with most requests first.");
        shadow.MapDelete("", async (ShadowReport report, AuditLog audit, HttpContext context) =>
        {
            await audit.WriteAsync(context, "shadow.reset", "shadow");
            await report.ResetAsync();
            return TypedResults.NoContent();
        }).WithSummary("Begin the report anew.");
    }
}
