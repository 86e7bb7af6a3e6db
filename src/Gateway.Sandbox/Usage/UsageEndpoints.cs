using System.Globalization;
using System.Text.Json;
using Gateway.Sandbox.Faults;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Money;

namespace Gateway.Sandbox.Usage;

internal static class UsageEndpoints
{
    private const int MaxBatch = 1000;

    public static void MapUsage(this IEndpointRouteBuilder endpoints, Func<MerchantState> state)
    {
        endpoints.MapPost("/v0/usage", (RequestDelegate)(context => RecordAsync(context, state())));
        endpoints.MapPost("/v0/usage/batch", (RequestDelegate)(context => RecordBatchAsync(context, state())));
        endpoints.MapGet("/v0/usage", (RequestDelegate)(context => ListAsync(context, state())));
        endpoints.MapGet("/v0/usage/{id}", (RequestDelegate)(context => GetAsync(context, state())));
        endpoints.MapPatch("/v0/usage/{id}", (RequestDelegate)(context => RefundAsync(context, state())));
    }

    private static async Task RecordAsync(HttpContext context, MerchantState state)
    {
        var request = await ParseAsync(context, UsageJson.Default.UsageRequest);
        if (request is null) return;
        var (accepted, refused) = new UsageRecorder(state).Record(request);
        await (refused?.WriteAsync(context) ?? WriteAsync(context, 201, accepted!));
    }

    private static async Task RecordBatchAsync(HttpContext context, MerchantState state)
    {
        var batch = await ParseAsync(context, UsageJson.Default.UsageBatchRequest);
        if (batch is null) return;
        if (batch.Events is null or { Count: 0 or > MaxBatch })
        {
            await ApiError.Invalid("events", $"must have 1 to {MaxBatch} items").WriteAsync(context);
            return;
        }

        var recorder = new UsageRecorder(state);
        var failing = FaultInjection.ItemToFail(context, batch.Events.Count);
        var (successful, failed) = (new List<UsageEvent>(batch.Events.Count), new List<UsageFailure>());
        for (var i = 0; i < batch.Events.Count; i++)
        {
            var request = batch.Events[i];
            var (accepted, error) = request is null ? (null, "must be a usage event")
                : i == failing ? (null, "Injected failure.")
                : Text(recorder.Record(request));
            if (accepted is not null) successful.Add(accepted);
            else failed.Add(new UsageFailure(i, error!, request?.IdempotencyKey));
        }

        context.Response.StatusCode = failed.Count == 0 ? 201 : 207;
        context.Response.ContentType = "application/json; charset=utf-8";
        await using (var writer = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            JsonSerializer.Serialize(
                writer,
                new UsageBatchAnswer("batchUsageEvents", successful, failed, new UsageSummary(batch.Events.Count, successful.Count, failed.Count)),
                UsageJson.Default.UsageBatchAnswer);
        }
    }

    private static (UsageEvent? Accepted, string? Error) Text((UsageEvent? Accepted, ApiError? Refused) result) =>
        (result.Accepted, result.Refused?.Message);

    private static async Task<T?> ParseAsync<T>(HttpContext context, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } parsed) return parsed;
        }
        catch (JsonException)
        {
            // answered below
        }

        await ApiError.Invalid("body", "must be a JSON object of the right shape").WriteAsync(context);
        return null;
    }

    private static Task ListAsync(HttpContext context, MerchantState state)
    {
        var query = context.Request.Query;
        string? customer = query["customerId"], merchant = query["merchantId"], consumer = query["consumerId"], subscription = query["subscriptionId"];
        if (!TryTime(query["startTime"], out var start)) return ApiError.Invalid("startTime", "is required").WriteAsync(context);
        if (!TryTime(query["endTime"], out var end)) return ApiError.Invalid("endTime", "is required").WriteAsync(context);
        if ((customer ?? merchant ?? consumer ?? subscription) is null)
            return ApiError.Invalid("customerId", "one of customerId, merchantId, consumerId and subscriptionId is required").WriteAsync(context);
        if (!Page.TryRead(context, out var page, out var error)) return error!.WriteAsync(context);
        var all = state.Usage.Newest(e =>
            (customer is null || e.CustomerId == customer) && (merchant is null || e.MerchantId == merchant)
            && (consumer is null || e.ConsumerId == consumer) && (subscription is null || e.SubscriptionId == subscription)
            && TryTime(e.Timestamp, out var at) && at >= start && at <= end);
        return context.Response.WriteAsJsonAsync(
            new UsageList("list", page.Of(all), new Pagination(page.Limit, page.Offset, all.Count)), UsageJson.Default.UsageList);
    }

    private static Task GetAsync(HttpContext context, MerchantState state) =>
        Find(context, state) is { } found ? WriteAsync(context, 200, found) : ApiError.NotFound("Usage event").WriteAsync(context);

    private static async Task RefundAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        if (fields.Value("refunded") is not { } flag || flag.GetValueKind() != JsonValueKind.True) fields.Wrong("refunded", "must be true");
        var reason = fields.OptionalText("reason");
        if (fields.Error is { } error)
        {
            await error.WriteAsync(context);
            return;
        }

        if (Find(context, state) is not { } usage)
        {
            await ApiError.NotFound("Usage event").WriteAsync(context);
            return;
        }

        if (usage.Refund is not null)
        {
            await new ApiError(422, "unprocessable_entity", "The event was refunded before.").WriteAsync(context);
            return;
        }

        var customer = state.Customers[usage.CustomerId];
        lock (customer.Lock)
        {
            customer.Wallet.Refund(usage.Billing!.TotalAmount);
            foreach (var property in usage.Properties)
            {
                var total = customer.Totals[property.BillableMetricId];
                total.Quantity -= property.Quantity;
                total.Charged -= Amount.Times(state.Metrics[property.BillableMetricId].UnitPrice!.Value, property.Quantity);
            }

            usage = usage with { Refund = new UsageRefund(reason, state.Clock.GetUtcNow().UtcDateTime.ToString("O")) };
            state.Usage.Replace(usage);
        }

        await WriteAsync(context, 200, usage);
    }

    private static UsageEvent? Find(HttpContext context, MerchantState state)
    {
        var id = (string?)context.Request.RouteValues["id"];
        return state.Usage.Newest(e => e.Id == id).SingleOrDefault();
    }

    private static Task WriteAsync(HttpContext context, int status, UsageEvent usage)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(usage, UsageJson.Default.UsageEvent);
    }

    private static bool TryTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
