using System.Text.Json.Nodes;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;
using Gateway.Sandbox.Subscriptions;

namespace Gateway.Sandbox.Customers;

internal static class CustomerEndpoints
{
    private const int MaxExternalId = 255;

    public static void MapCustomers(this IEndpointRouteBuilder endpoints, Func<MerchantState> state)
    {
        endpoints.MapPost("/v0/customers", (RequestDelegate)(context => CreateAsync(context, state())));
        endpoints.MapGet("/v0/customers", (RequestDelegate)(context => ListAsync(context, state())));
        endpoints.MapGet("/v0/customers/{id}", (RequestDelegate)(context => Find(context, state()) is { } found
            ? context.Response.WriteAsJsonAsync(ToJson(found, state().Options.MerchantId))
            : ApiError.NotFound("Customer").WriteAsync(context)));
        endpoints.MapDelete("/v0/customers/{id}", (RequestDelegate)(context => DeleteAsync(context, state())));
    }

    private static async Task CreateAsync(HttpContext context, MerchantState state)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var merchant = fields.Text("merchantId");
        var externalId = fields.OptionalText("externalId");
        if (externalId?.Length > MaxExternalId) fields.Wrong("externalId", $"must have at most {MaxExternalId} characters");
        var consumer = fields.OptionalObject("consumer");
        var (name, email) = (consumer?.Text("name") ?? "", consumer?.Text("email") ?? "");
        if (consumer is null) fields.Wrong("consumer", "is required");
        else if (!email.Contains('@', StringComparison.Ordinal)) consumer.Wrong("email", "must be an e-mail address");
        var error = fields.Error ?? consumer?.Error ?? (merchant == state.Options.MerchantId ? null : ApiError.Forbidden("The merchant is not yours."));
        if (error is not null)
        {
            await error.WriteAsync(context);
            return;
        }

        Customer? customer;
        lock (state.Customers)
        {
            customer = state.Customers.Values.FirstOrDefault(c => c.Email.Equals(email, StringComparison.OrdinalIgnoreCase));
            var taken = externalId is not null && state.Customers.Values.Any(c => c.ExternalId == externalId && c != customer);
            if (taken) error = ApiError.Conflict($"Another customer has the externalId {externalId}.");
            context.Response.StatusCode = customer is null ? 201 : 200; // what a repeat changes is documented nowhere: nothing
            if (!taken && customer is null)
            {
                customer = new Customer(state.NewId("cus"), state.NewId("org"), name, email, externalId, state.Clock.GetUtcNow());
                state.Customers[customer.Id] = customer;
            }
        }

        await (error?.WriteAsync(context) ?? context.Response.WriteAsJsonAsync(
            new JsonObject { ["customerId"] = customer!.Id, ["validTaxAddress"] = TaxAddress() }));
    }

    private static Task ListAsync(HttpContext context, MerchantState state)
    {
        var query = context.Request.Query;
        if (query["organizationId"] != state.Options.MerchantId) return ApiError.Invalid("organizationId", "must be the merchant").WriteAsync(context);
        if (!Page.TryRead(context, out var page, out var error)) return error!.WriteAsync(context);
        string? externalId = query["externalId"], email = query["email"], name = query["name"];
        var all = state.Customers.Values
            .Where(c => (externalId is null || c.ExternalId == externalId)
                && (email is null || c.Email.Contains(email, StringComparison.OrdinalIgnoreCase))
                && (name is null || c.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(c => c.Id, StringComparer.Ordinal).ToList();
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. page.Of(all).Select(c => ToJson(c, state.Options.MerchantId))]),
            ["pagination"] = page.ToJson(all.Count),
        });
    }

    private static Task DeleteAsync(HttpContext context, MerchantState state)
    {
        if (Find(context, state) is not { } customer) return ApiError.NotFound("Customer").WriteAsync(context);
        var blockers = state.Subscriptions.Values.Where(s => s.CustomerId == customer.Id && s.Status != SubscriptionStatus.Terminated).ToList();
        if (blockers.Count == 0)
        {
            state.Customers.TryRemove(customer.Id, out _);
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        }

        context.Response.StatusCode = 409;
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["error"] = "conflict",
            ["message"] = "The customer has subscriptions.",
            ["details"] = new JsonObject
            {
                ["blockers"] = new JsonArray(new JsonObject
                {
                    ["type"] = "subscriptions",
                    ["count"] = blockers.Count,
                    ["items"] = new JsonArray([.. blockers.Select(b => new JsonObject { ["id"] = b.Id, ["status"] = "active" })]),
                }),
            },
        });
    }

    private static Customer? Find(HttpContext context, MerchantState state) =>
        state.Customers.GetValueOrDefault((string)context.Request.RouteValues["id"]!);

    private static JsonObject ToJson(Customer customer, string merchantId) => new()
    {
        ["id"] = customer.Id,
        ["object"] = "customer",
        ["consumerId"] = customer.ConsumerId,
        ["merchantId"] = merchantId,
        ["createdAt"] = customer.CreatedAt.UtcDateTime.ToString("O"),
        ["updatedAt"] = customer.CreatedAt.UtcDateTime.ToString("O"),
        ["validTaxAddress"] = TaxAddress(),
        ["organization"] = new JsonObject
        {
            ["id"] = customer.ConsumerId,
            ["name"] = customer.Name,
            ["address"] = null,
            ["billingEmails"] = new JsonArray(customer.Email),
            ["phone"] = null,
        },
        ["taxId"] = null,
        ["externalId"] = customer.ExternalId,
        ["taxRates"] = null,
        ["notificationSettings"] = null,
    };

    private static JsonObject TaxAddress() => new() { ["valid"] = true, ["message"] = null };
}
