using System.Text.Json.Serialization;
using Gateway.Authentication;
using Gateway.Billing;
using Gateway.Billing.Paygentic;
using Gateway.Configuration;
using Gateway.Onboarding;
using Gateway.Pipeline;
using StackExchange.Redis;

namespace Gateway.SelfService;

/// <summary>On the public port, for customers with their own key: usage, portal, a page for both; and the webhook.</summary>
internal static class SelfServiceEndpoints
{
    // Before whatever the proxy's routes say of the same path.
    private const int Order = -10_000;
    private static readonly byte[] Page = ReadPage();

    public static void MapSelfService(this IEndpointRouteBuilder endpoints, string prefix, PaygenticOptions paygentic)
    {
        endpoints.MapGet(prefix, (RequestDelegate)(context => WritePageAsync(context, paygentic))).WithOrder(Order);
        endpoints.MapGet(prefix + "/usage", (RequestDelegate)(context => WithKeyAsync(context, WriteUsageAsync))).WithOrder(Order);
        endpoints.MapGet(prefix + "/portal", (RequestDelegate)(context => WithKeyAsync(context, WritePortalAsync))).WithOrder(Order);
        endpoints.MapPost(prefix + "/webhooks/paygentic", (RequestDelegate)(context => context.RequestServices.GetRequiredService<Webhook>().HandleAsync(context)))
            .WithOrder(Order);
    }

    private static async Task WithKeyAsync(HttpContext context, Func<HttpContext, ApiKey, Task> then)
    {
        var services = context.RequestServices;
        var requestId = services.GetRequiredService<ExchangeServices>().NewRequestId();
        var (refused, key) = await services.GetRequiredService<Authenticator>().FindAsync(context.Request, services.GetRequiredService<CurrentConfiguration>().Snapshot);
        if (refused is null && !key!.TryTakeTurn()) refused = Denial.RateLimited;
        if (refused is { } denial)
        {
            await Problems.WriteAsync(context, denial, requestId);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await then(context, key!);
        }
        catch (Exception e) when (e is BillingException or RedisException or TimeoutException)
        {
            await Problems.WriteAsync(context, Denial.BillingUnavailable, requestId, new ProblemDetail(RetryAfter: (e as BillingException)?.RetryAfter));
        }
    }

    private static async Task WriteUsageAsync(HttpContext context, ApiKey key)
    {
        var usage = await context.RequestServices.GetRequiredService<CustomerUsage>().GetAsync(key, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(usage, SelfServiceJson.Default.UsageAnswer);
    }

    private static async Task WritePortalAsync(HttpContext context, ApiKey key)
    {
        // While it is not paid for, that is the page there is.
        var url = key.Terms?.PendingSubscription is not null
            ? key.PaymentUrl
            : (await context.RequestServices.GetRequiredService<PortalLinks>().GetAsync(key.Customer, context.RequestAborted))?.Url;
        if (url is null) throw new BillingException("There is no subscription.", isRefusal: true);
        if (context.Request.Query.ContainsKey("redirect")) context.Response.Redirect(url);
        else await context.Response.WriteAsJsonAsync(new PortalView(url), SelfServiceJson.Default.PortalView);
    }

    private static Task WritePageAsync(HttpContext context, PaygenticOptions paygentic)
    {
        // Paygentic's documents have several hosts for its pages; where they are is its own affair. Without the user info there may be: that is the gateway's.
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + $"frame-src https: {new Uri(paygentic.BaseUrl).GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.Body.WriteAsync(Page).AsTask();
    }

    private static byte[] ReadPage()
    {
        var type = typeof(SelfServiceEndpoints);
        using var stream = type.Assembly.GetManifestResourceStream($"{type.Namespace}.page.html")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}

/// <param name="Url">Good for some minutes.</param>
internal sealed record PortalView(string Url);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(PortalView))]
internal sealed partial class SelfServiceJson : JsonSerializerContext;
