using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Gateway.Admin;

internal static class AdminEndpoints
{
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
internal sealed partial class AdminJson : JsonSerializerContext;
