using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Gateway.Model;
using StackExchange.Redis;

namespace Gateway.Admin;

internal static class AdminEndpoints
{
    private const int UsualAccounts = 100;
    private const int MostAccounts = 10_000;

    public static void MapAdmin(this IEndpointRouteBuilder endpoints, AdminOptions options, NodeStatus status)
    {
        endpoints.MapGet("/healthz", (RequestDelegate)(context => WriteAsync(context, 200, new HealthAnswer("ok", []))));
        endpoints.MapGet("/readyz", (RequestDelegate)(context =>
        {
            var (ready, checks) = status.Readiness();
            return WriteAsync(context, ready ? 200 : 503, new HealthAnswer(ready ? "ready" : "not ready", checks));
        }));
        endpoints.MapGet("/state", (RequestDelegate)(context => IsAllowed(context, options.Token)
            ? context.Response.WriteAsJsonAsync(status.State(), AdminJson.Default.NodeState)
            : RefuseAsync(context)));
        endpoints.MapGet("/accounts", (RequestDelegate)(context => IsAllowed(context, options.Token)
            ? ListAccountsAsync(context, status)
            : RefuseAsync(context)));
        endpoints.MapGet("/accounts/{customer}/{metric}", (RequestDelegate)(context => IsAllowed(context, options.Token)
            ? ShowAccountAsync(context, status)
            : RefuseAsync(context)));
    }

    private static Task ListAccountsAsync(HttpContext context, NodeStatus status)
    {
        var limit = int.TryParse(context.Request.Query["limit"], out var asked) ? Math.Clamp(asked, 1, MostAccounts) : UsualAccounts;
        var customer = context.Request.Query["customer"].ToString();
        return context.Response.WriteAsJsonAsync(
            status.Accounts(customer.Length == 0 ? null : customer, limit), AdminJson.Default.AccountStateArray);
    }

    private static async Task ShowAccountAsync(HttpContext context, NodeStatus status)
    {
        var id = new AccountId(
            new CustomerId((string)context.Request.RouteValues["customer"]!), new MetricName((string)context.Request.RouteValues["metric"]!));
        try
        {
            await context.Response.WriteAsJsonAsync(await status.AccountAsync(id), AdminJson.Default.AccountState);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            await WriteAsync(context, 503, new HealthAnswer("Redis does not answer", new Dictionary<string, string> { ["redis"] = e.GetType().Name }));
        }
    }

    private static bool IsAllowed(HttpContext context, string? token)
    {
        var given = context.Request.Headers.Authorization.ToString();
        return !string.IsNullOrEmpty(token)
            && CryptographicOperations.FixedTimeEquals(Hash(given), Hash("Bearer " + token));
    }

    /// <summary>Hashes have one length whatever was sent, so that comparing them tells nothing of the token's.</summary>
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"gateway-admin\"";
        return WriteAsync(context, 401, new HealthAnswer("the token of Gateway:Admin:Token is needed", []));
    }

    private static Task WriteAsync(HttpContext context, int statusCode, HealthAnswer answer)
    {
        context.Response.StatusCode = statusCode;
        return context.Response.WriteAsJsonAsync(answer, AdminJson.Default.HealthAnswer);
    }
}

/// <param name="Checks">What was looked at: "ok", or what is wrong.</param>
internal sealed record HealthAnswer(string Status, Dictionary<string, string> Checks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(NodeState))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(AccountState[]))]
internal sealed partial class AdminJson : JsonSerializerContext;
