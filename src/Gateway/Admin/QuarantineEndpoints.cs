using Gateway.Shipping;

namespace Gateway.Admin;

/// <summary>Usage events that Paygentic refused for good.</summary>
internal static class QuarantineEndpoints
{
    public static void MapQuarantine(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/quarantine", async (IQuarantine quarantine) => TypedResults.Ok(await quarantine.ListAsync()))
            .WithTags("quarantine").WithSummary("Usage events that Paygentic refused for good, on this node. 'journal replay' sends them again.");
}
