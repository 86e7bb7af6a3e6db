using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Sandbox.Http;

/// <summary>The limit (1 to 100, default 10) and offset of a list.</summary>
internal sealed record Page(int Limit, int Offset)
{
    public static bool TryRead(HttpContext context, out Page page, out ApiError? error)
    {
        var limit = Number(context.Request.Query["limit"], 10);
        var offset = Number(context.Request.Query["offset"], 0);
        page = new Page(limit ?? 0, offset ?? -1);
        error = page.Limit is < 1 or > 100 ? ApiError.Invalid("limit", "must be 1 to 100")
            : page.Offset < 0 ? ApiError.Invalid("offset", "must be 0 or more")
            : null;
        return error is null;
    }

    public JsonObject ToJson(int total) => new() { ["limit"] = Limit, ["offset"] = Offset, ["total"] = total };

    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> all) => [.. all.Skip(Offset).Take(Limit)];

    private static int? Number(string? text, int fallback) =>
        text is null ? fallback : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
