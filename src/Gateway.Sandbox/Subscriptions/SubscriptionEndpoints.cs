using System.Text.Json.Nodes;
using System.Xml;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;

namespace Gateway.Sandbox.Subscriptions;

internal static class SubscriptionEndpoints
{
    private const int SessionMinutes = 240;
    private const int MostSessionMinutes = 60 * 24 * 366;
    private static readonly TimeSpan LongestPortalLink = TimeSpan.FromDays(7);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(1);

    public static void MapSubscriptions(this IEndpointRouteBuilder endpoints, Func<MerchantState> state)
    {
        endpoints.MapPost("/v0/subscriptions", (RequestDelegate)(context => CreateAsync(context, state())));
        endpoints.MapGet("/v0/subscriptions", (RequestDelegate)(context => ListAsync(context, state())));
        endpoints.MapGet("/v0/subscriptions/{id}", (RequestDelegate)(context =>
            Find(context, state()) is { } found ? WriteAsync(context, state(), 200, found) : NotFoundAsync(context)));
        endpoints.MapPost("/v0/subscriptions/{id}/termination", (RequestDelegate)(context => TerminateAsync(context, state())));
        endpoints.MapPost("/v0/subscriptions/{id}/portal", (RequestDelegate)(context => PortalAsync(context, state())));
    }

    private static async Task CreateAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var (name, plan, customer) = (fields.Text("name"), fields.Text("planId"), fields.Text("customerId"));
        var startedAt = fields.Time("startedAt");
        var prefund = fields.OptionalAmount("prefundAmount") ?? 0;
        var onSuccess = fields.OptionalObject("redirectUrls")?.OptionalText("onSuccess");
        var lifetime = TimeSpan.FromMinutes(fields.OptionalInteger("sessionExpiryMinutes", SessionMinutes, 1, MostSessionMinutes));
        var error = fields.Error
            ?? (state.Customers.ContainsKey(customer) ? null : ApiError.NotFound($"Customer {customer}"))
            ?? (state.Resources.Find(plan) is null ? ApiError.NotFound($"Plan {plan}") : null);
        if (error is not null)
        {
            await error.WriteAsync(context);
            return;
        }

        Subscription subscription;
        lock (state.Subscriptions)
        {
            var existing = state.Options.RepeatedSubscriptions ? null : state.Subscriptions.Values.FirstOrDefault(
                s => s.CustomerId == customer && s.PlanId == plan && s.Status != SubscriptionStatus.Terminated);
            subscription = existing ?? Add(
                state, new Subscription(state.NewId("sub"), customer, plan, name, startedAt, state.Clock.GetUtcNow()) { Metadata = fields.OptionalObject("metadata")?.Copy() },
                prefund, onSuccess, lifetime);
            context.Response.StatusCode = existing is null ? 201 : 200;
        }

        await WriteAsync(context, state, context.Response.StatusCode, subscription);
    }

    private static Subscription Add(MerchantState state, Subscription subscription, long prefund, string? onSuccess, TimeSpan lifetime)
    {
        var upfront = state.UpfrontCharges(subscription.PlanId);
        if (prefund + upfront > 0)
            subscription.Checkout = new CheckoutSession(state.NewId("ps"), upfront, prefund, onSuccess, subscription.CreatedAt + lifetime);
        subscription.Status = subscription.Checkout is null ? SubscriptionStatus.Active : SubscriptionStatus.PendingPayment;
        return state.Subscriptions[subscription.Id] = subscription;
    }

    private static Task ListAsync(HttpContext context, MerchantState state)
    {
        string? customer = context.Request.Query["customerId"];
        if (!Page.TryRead(context, out var page, out var error)) return error!.WriteAsync(context);
        var all = state.Subscriptions.Values.Where(s => customer is null || s.CustomerId == customer).OrderBy(s => s.Id, StringComparer.Ordinal).ToList();
        var data = page.Of(all).Select(s => (JsonNode)s.ToJson(state.Options.MerchantId, Address(context))).ToArray();
        return context.Response.WriteAsJsonAsync(new JsonObject { ["data"] = new JsonArray(data), ["pagination"] = page.ToJson(all.Count) });
    }

    private static async Task TerminateAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var reason = fields.Text("reason");
        if (fields.Error is { } error) await error.WriteAsync(context);
        else if (Find(context, state) is not { } subscription) await NotFoundAsync(context);
        else if (!Terminate(subscription, reason, state.Clock.GetUtcNow())) await ApiError.Conflict("The subscription is terminated already.").WriteAsync(context);
        else await WriteAsync(context, state, 200, subscription);
    }

    private static bool Terminate(Subscription subscription, string reason, DateTimeOffset now)
    {
        lock (subscription.Lock)
        {
            if (subscription.Status == SubscriptionStatus.Terminated) return false;
            (subscription.Status, subscription.TerminationReason, subscription.TerminatedAt) = (SubscriptionStatus.Terminated, reason, now);
            return true;
        }
    }

    private static async Task PortalAsync(HttpContext context, MerchantState state)
    {
        var lifetime = TimeSpan.FromMinutes(10);
        if (context.Request.ContentLength > 0)
        {
            if (await Fields.ReadAsync(context) is not { } fields) return;
            if (fields.OptionalText("expiresIn") is { } text && !TryDuration(text, out lifetime)) fields.Wrong("expiresIn", "must be an ISO 8601 duration of at most P7D");
            if (fields.Error is { } error)
            {
                await error.WriteAsync(context);
                return;
            }
        }

        if (Find(context, state) is not { } subscription)
        {
            await NotFoundAsync(context);
            return;
        }

        var now = state.Clock.GetUtcNow();
        if (!MayCallPortal(subscription, now, state.Options.PortalCallsPerSecond))
        {
            await new ApiError(429, "too_many_requests", "One portal link a second.").WriteAsync(context);
            return;
        }

        var token = state.PortalTokens.Add(subscription.CustomerId, now + lifetime);
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["object"] = "subscriptionPortal",
            ["url"] = new Uri(Address(context), $"/portal/{token}").ToString(),
            ["expiresAt"] = (now + lifetime).UtcDateTime.ToString("O"),
        });
    }

    private static bool MayCallPortal(Subscription subscription, DateTimeOffset now, int limit)
    {
        lock (subscription.Lock)
        {
            while (subscription.PortalCalls.TryPeek(out var first) && now - first >= RateWindow) subscription.PortalCalls.Dequeue();
            if (subscription.PortalCalls.Count >= limit) return false;
            subscription.PortalCalls.Enqueue(now);
            return true;
        }
    }

    private static bool TryDuration(string text, out TimeSpan duration)
    {
        try
        {
            duration = XmlConvert.ToTimeSpan(text);
            return duration > TimeSpan.Zero && duration <= LongestPortalLink;
        }
        catch (FormatException)
        {
            duration = default;
            return false;
        }
    }

    private static Subscription? Find(HttpContext context, MerchantState state) =>
        state.Subscriptions.GetValueOrDefault((string)context.Request.RouteValues["id"]!);

    private static Task NotFoundAsync(HttpContext context) => ApiError.NotFound("Subscription").WriteAsync(context);

    private static Task WriteAsync(HttpContext context, MerchantState state, int status, Subscription subscription)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(subscription.ToJson(state.Options.MerchantId, Address(context)));
    }

    private static Uri Address(HttpContext context) => new($"{context.Request.Scheme}://{context.Request.Host}");
}
