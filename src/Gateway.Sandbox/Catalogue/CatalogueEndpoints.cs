using System.Text.Json.Nodes;
using Gateway.Sandbox.Http;
using Gateway.Sandbox.Merchant;

namespace Gateway.Sandbox.Catalogue;

/// <summary>Products, billable metrics, fees, prices and plans: one set of operations, told apart by what each requires.</summary>
internal static class CatalogueEndpoints
{
    private static readonly string[] Aggregations = ["SUM", "COUNT", "AVG", "MIN", "MAX", "UNIQUE_COUNT", "LATEST"];

    private static readonly Kind[] Kinds =
    [
        new("products", "prod", ["name", "description", "merchantId"]),
        new("billableMetrics", "bm", ["name", "description", "unit", "merchantId", "aggregation", "productId"]),
        new("fees", "fee", ["name", "description", "merchantId", "productId"]),
        new("prices", "price", ["invoiceDisplayName", "paymentTerm"]),
        new("plans", "plan", ["name", "currency", "merchantId", "productId"]),
    ];

    public static void MapCatalogue(this IEndpointRouteBuilder endpoints, Func<MerchantState> state)
    {
        foreach (var kind in Kinds)
        {
            var path = "/v0/" + kind.Path;
            endpoints.MapPost(path, (RequestDelegate)(context => CreateAsync(context, state(), kind)));
            endpoints.MapGet(path, (RequestDelegate)(context => ListAsync(context, state(), kind)));
            endpoints.MapGet(path + "/{id}", (RequestDelegate)(context => GetAsync(context, state(), kind)));
            endpoints.MapPatch(path + "/{id}", (RequestDelegate)(context => UpdateAsync(context, state(), kind)));
        }
    }

    private static async Task CreateAsync(HttpContext context, MerchantState state, Kind kind)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        foreach (var name in kind.Required) fields.Text(name);
        Check(fields, state, kind);
        if (fields.Error is { } error)
        {
            await error.WriteAsync(context);
            return;
        }

        if (kind.Required.Contains("merchantId") && fields.Text("merchantId") != state.Options.MerchantId)
        {
            await ApiError.Forbidden("The merchant is not yours.").WriteAsync(context);
            return;
        }

        var id = state.Resources.Add(kind.Prefix, fields.Copy());
        if (kind.Prefix == "bm") state.Metrics[id] = new Metric(id, fields.Text("name"), fields.Text("unit"), UnitPrice: null);
        if (kind.Prefix == "price" && fields.OptionalText("billableMetricId") is { } metric)
            state.Metrics[metric] = state.Metrics[metric] with { UnitPrice = UnitPrice(fields) };
        context.Response.StatusCode = 201;
        await context.Response.WriteAsJsonAsync(Shown(state, kind, id));
    }

    private static void Check(Fields fields, MerchantState state, Kind kind)
    {
        switch (kind.Prefix)
        {
            case "bm" when !Aggregations.Contains(fields.Text("aggregation")):
                fields.Wrong("aggregation", $"must be one of {string.Join(", ", Aggregations)}");
                break;
            case "price":
                var (metric, fee) = (fields.OptionalText("billableMetricId"), fields.OptionalText("feeId"));
                if (metric is null == fee is null) fields.Wrong("billableMetricId", "exactly one of billableMetricId and feeId is required");
                else if (metric is not null && !state.Metrics.ContainsKey(metric)) fields.Wrong("billableMetricId", "is not known");
                if (metric is not null && fields.OptionalText("model") != "standard") fields.Wrong("model", "must be standard");
                if (UnitPrice(fields) is null) fields.Wrong("properties.unitPrice", "must be a decimal string with at most nine decimals");
                break;
            case "plan":
                foreach (var price in fields.List("prices"))
                {
                    if (price?.GetValue<string>() is not { } id || state.Resources.Find(id) is null) fields.Wrong("prices", "names a price that is not known");
                }

                break;
        }
    }

    private static long? UnitPrice(Fields fields) => fields.OptionalObject("properties")?.OptionalAmount("unitPrice");

    private static Task ListAsync(HttpContext context, MerchantState state, Kind kind)
    {
        if (!Page.TryRead(context, out var page, out var error)) return error!.WriteAsync(context);
        var all = state.Resources.All(kind.Prefix).Where(r => Matches(context, r, "productId") && Matches(context, r, "billableMetricId")).ToList();
        var data = page.Of(all).Select(r => (JsonNode?)Shown(state, kind, r["id"]!.GetValue<string>())).ToArray();
        return context.Response.WriteAsJsonAsync(new JsonObject { ["data"] = new JsonArray(data), ["pagination"] = page.ToJson(all.Count) });
    }

    private static bool Matches(HttpContext context, JsonObject resource, string filter) =>
        context.Request.Query[filter] is not [{ } wanted] || resource[filter]?.GetValue<string>() == wanted;

    private static Task GetAsync(HttpContext context, MerchantState state, Kind kind) =>
        Shown(state, kind, (string)context.Request.RouteValues["id"]!) is { } found
            ? context.Response.WriteAsJsonAsync(found)
            : ApiError.NotFound(kind.Path).WriteAsync(context);

    private static async Task UpdateAsync(HttpContext context, MerchantState state, Kind kind)
    {
        if (await Fields.ReadAsync(context) is not { } fields) return;
        var id = (string)context.Request.RouteValues["id"]!;
        if (Shown(state, kind, id) is null)
        {
            await ApiError.NotFound(kind.Path).WriteAsync(context);
            return;
        }

        var changes = fields.Copy();
        foreach (var fixedField in (string[])["id", "createdAt", "merchantId", "aggregation"]) changes.Remove(fixedField);
        if (kind.Prefix == "price" && fields.Value("properties") is not null && UnitPrice(fields) is null)
        {
            await ApiError.Invalid("properties.unitPrice", "must be a decimal string with at most nine decimals").WriteAsync(context);
            return;
        }

        state.Resources.Update(id, changes);
        if (kind.Prefix == "price" && state.Resources.Find(id)!["billableMetricId"]?.GetValue<string>() is { } metric && UnitPrice(fields) is { } unitPrice)
            state.Metrics[metric] = state.Metrics[metric] with { UnitPrice = unitPrice };
        await context.Response.WriteAsJsonAsync(Shown(state, kind, id));
    }

    /// <summary>As the API shows it: plans carry their prices whole.</summary>
    private static JsonObject? Shown(MerchantState state, Kind kind, string id)
    {
        if (!id.StartsWith(kind.Prefix + "_", StringComparison.Ordinal) || state.Resources.Find(id) is not { } found) return null;
        found["object"] = kind.Prefix switch { "prod" => "product", "bm" => "billableMetric", var other => other };
        if (kind.Prefix == "plan" && found["prices"] is JsonArray prices)
            found["prices"] = new JsonArray([.. prices.Select(p => state.Resources.Find(p!.GetValue<string>()))]);
        return found;
    }

    private sealed record Kind(string Path, string Prefix, string[] Required);
}
