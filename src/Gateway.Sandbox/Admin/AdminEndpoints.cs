using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gateway.Sandbox.Faults;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;

namespace Gateway.Sandbox.Admin;

/// <summary>What Paygentic does not have: looking into the ledger, handing out money, breaking things on purpose. No key is asked for.</summary>
internal static class AdminEndpoints
{
    public static void MapAdmin(this IEndpointRouteBuilder endpoints, Func<MerchantState> state, Action reset, FaultInjection faults)
    {
        endpoints.MapPost("/sandbox/fund", (RequestDelegate)(context => FundAsync(context, state())));
        endpoints.MapPost("/sandbox/customers", (RequestDelegate)(context => AddCustomerAsync(context, state())));
        endpoints.MapGet("/sandbox/ledger", (RequestDelegate)(context =>
            context.Response.WriteAsJsonAsync(LedgerReport.Of(state(), context.Request.Query["customerId"]))));
        endpoints.MapGet("/sandbox/events", (RequestDelegate)(context => EventsAsync(context, state())));
        endpoints.MapPost("/sandbox/reset", (RequestDelegate)(context =>
        {
            reset();
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        }));
        endpoints.MapGet("/sandbox/faults", (RequestDelegate)(context => WriteFaultsAsync(context, faults)));
        endpoints.MapPost("/sandbox/faults", (RequestDelegate)(context => ReplaceFaultsAsync(context, faults)));
        endpoints.MapDelete("/sandbox/faults", (RequestDelegate)(context =>
        {
            faults.Replace([]);
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        }));
    }

    private static async Task FundAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var customerId = fields.Text("customerId");
        fields.Text("amount");
        var amount = fields.OptionalAmount("amount");
        if (fields.Error is { } error)
        {
            await error.WriteAsync(context);
            return;
        }

        if (!state.Customers.TryGetValue(customerId, out var customer))
        {
            await ApiError.NotFound($"Customer {customerId}").WriteAsync(context);
            return;
        }

        lock (customer.Lock) customer.Wallet.Deposit(amount!.Value);
        await context.Response.WriteAsJsonAsync(LedgerReport.Of(state, customerId));
    }

    private static async Task AddCustomerAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var (id, name, email) = (fields.Text("id"), fields.Text("name"), fields.Text("email"));
        var wallet = fields.Text("wallet");
        fields.OptionalAmount("wallet");
        var error = fields.Error ?? (state.Customers.ContainsKey(id) ? ApiError.Conflict($"There is a customer {id} already.") : null);
        if (error is not null)
        {
            await error.WriteAsync(context);
            return;
        }

        state.AddCustomer(new SeedCustomer(id, name, email, wallet));
        context.Response.StatusCode = 201;
        await context.Response.WriteAsJsonAsync(LedgerReport.Of(state, id));
    }

    private static Task EventsAsync(HttpContext context, MerchantState state)
    {
        string? customer = context.Request.Query["customerId"];
        var limit = int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1000;
        var events = state.Usage.Newest(e => customer is null || e.CustomerId == customer).TakeLast(limit).Select(e => (JsonNode)new JsonObject
        {
            ["id"] = e.Id,
            ["idempotencyKey"] = e.IdempotencyKey,
            ["customerId"] = e.CustomerId,
            ["entitlementId"] = e.EntitlementId,
            ["properties"] = new JsonArray([.. e.Properties.Select(p => new JsonObject { ["billableMetricId"] = p.BillableMetricId, ["quantity"] = p.Quantity })]),
            ["metadata"] = e.Metadata is null ? null : new JsonObject(e.Metadata.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, m.Value))),
            ["timestamp"] = e.Timestamp,
            ["charged"] = e.Billing!.TotalAmount.ToString(CultureInfo.InvariantCulture),
        });
        return context.Response.WriteAsJsonAsync(new JsonObject { ["events"] = new JsonArray([.. events]) });
    }

    private static async Task ReplaceFaultsAsync(HttpContext context, FaultInjection faults)
    {
        try
        {
            var wanted = await JsonSerializer.DeserializeAsync(context.Request.Body, FaultJson.Default.FaultArray, context.RequestAborted);
            faults.Replace(wanted ?? []);
        }
        catch (JsonException e)
        {
            await ApiError.Invalid(e.Path ?? "body", "is not a list of faults").WriteAsync(context);
            return;
        }

        await WriteFaultsAsync(context, faults);
    }

    private static Task WriteFaultsAsync(HttpContext context, FaultInjection faults) =>
        context.Response.WriteAsJsonAsync([.. faults.All], FaultJson.Default.FaultArray);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(Fault[]))]
internal sealed partial class FaultJson : JsonSerializerContext;
