using Gateway.Model;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Admin;

/// <summary>Health, the node's figures, accounts, and who changed what.</summary>
internal static class StatusEndpoints
{
    private const int MostAccounts = 10_000;
    private const int MostEntries = 1_000;

    public static void MapStatus(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => TypedResults.Ok(new HealthAnswer("ok", []))).WithTags("status").WithSummary("Whether the process is alive. Needs no token.");
        endpoints.MapGet("/readyz", (NodeStatus status) =>
        {
            var (ready, checks) = status.Readiness();
            return TypedResults.Json(new HealthAnswer(ready ? "ready" : "not ready", checks), statusCode: ready ? 200 : 503);
        }).WithTags("status").WithSummary("Whether requests may be sent here, and why not. Needs no token.");
        endpoints.MapGet("/state", (NodeStatus status) => TypedResults.Ok(status.State())).WithTags("status").WithSummary("This node's figures since its start.");
        endpoints.MapGet("/audit", async (AuditLog audit, int offset = 0, int limit = 100) =>
            TypedResults.Ok(await audit.ReadAsync(Math.Max(0, offset), Math.Clamp(limit, 1, MostEntries)))).WithTags("status").WithSummary("Who changed what, newest first.");

        var accounts = endpoints.MapGroup("/accounts").WithTags("accounts");
        accounts.MapGet("", (NodeStatus status, string? customer, int limit = 100) => TypedResults.Ok(status.Accounts(customer, Math.Clamp(limit, 1, MostAccounts))))
            .WithSummary("The accounts this node works with, those with most units leased first.");
        accounts.MapGet("/{customer}/{metric}", ShowAsync).WithSummary("One account, with what the pool has for it; also when this node does not know it.");
    }

    private static async Task<Ok<AccountState>> ShowAsync(string customer, string metric, NodeStatus status) =>
        TypedResults.Ok(await status.AccountAsync(new AccountId(new CustomerId(customer), new MetricName(metric))));
}

/// <param name="Checks">What was looked at: "ok", or what is wrong.</param>
internal sealed record HealthAnswer(string Status, Dictionary<string, string> Checks);
