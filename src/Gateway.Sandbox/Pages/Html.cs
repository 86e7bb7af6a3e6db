using System.Net;

namespace Gateway.Sandbox.Pages;

/// <summary>The frame of every page: one file, no script from elsewhere.</summary>
internal static class Html
{
    public static string Encode(string? text) => WebUtility.HtmlEncode(text ?? "");

    public static Task WritePageAsync(this HttpContext context, string title, string body, int? refreshSeconds = null)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        var refresh = refreshSeconds is { } seconds ? $"<meta http-equiv=\"refresh\" content=\"{seconds}\">" : "";
        return context.Response.WriteAsync($$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{{refresh}}
            <title>{{Encode(title)}}</title><style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2330; background: #f7f8fa }
            h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
            table { border-collapse: collapse; width: 100%; background: #fff } th, td { text-align: left; padding: .4rem .7rem; border-bottom: 1px solid #e3e6ec }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } code { font-size: .85em }
            button { font: inherit; padding: .6rem 1.6rem; border: 0; border-radius: .4rem; background: #2457d6; color: #fff; cursor: pointer }
            .big { font-size: 2rem; font-weight: 600 } .muted { color: #667085 }
            </style></head><body><h1>{{Encode(title)}}</h1>{{body}}</body></html>
            """);
    }

    public static string Table(IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        static string Row(string tag, IEnumerable<string> cells) =>
            "<tr>" + string.Concat(cells.Select((cell, i) => $"<{tag}{(i == 0 ? "" : " class=\"n\"")}>{Encode(cell)}</{tag}>")) + "</tr>";
        return "<table>" + Row("th", head) + string.Concat(rows.Select(r => Row("td", r))) + "</table>";
    }
}
