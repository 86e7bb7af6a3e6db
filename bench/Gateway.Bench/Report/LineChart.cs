using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Bench.Report;

/// <param name="Name">In the legend.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A picture of lines, as SVG without a background: its greys are readable on white and on dark, and its type is the reader's.</summary>
internal sealed class LineChart(string title, string across, string up, Scale x, Scale y)
{
    private const double Width = 860;
    private const double Height = 420;
    private const double Left = 76;
    private const double Right = 176;
    private const double Top = 44;
    private const double Bottom = 56;
    private static readonly string[] Colours = ["#3b82f6", "#f97316", "#10b981", "#a855f7", "#ef4444", "#ca8a04", "#06b6d4", "#ec4899", "#84cc16", "#8b8f98"];

    public string Draw(IReadOnlyList<Series> series)
    {
        var svg = new StringBuilder();
        Add(svg, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{Escape(title)}">
            <style>text {"{"} fill: #555 {"}"} .head {"{"} font-size: 15px; font-weight: 600; fill: #333 {"}"} .grid {"{"} stroke: #8884; stroke-width: 1 {"}"} @media (prefers-color-scheme: dark) {"{"} text {"{"} fill: #aaa {"}"} .head {"{"} fill: #ddd {"}"} {"}"}</style>
            <text class="head" x="{Left}" y="24">{Escape(title)}</text>
            """);
        foreach (var (value, label) in y.Ticks)
        {
            Add(svg, $"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{Down(value):F1}" y2="{Down(value):F1}"/><text x="{Left - 8}" y="{Down(value) + 4:F1}" text-anchor="end">{Escape(label)}</text>""");
        }

        foreach (var (value, label) in x.Ticks)
        {
            Add(svg, $"""<line class="grid" x1="{Along(value):F1}" x2="{Along(value):F1}" y1="{Top}" y2="{Height - Bottom}"/><text x="{Along(value):F1}" y="{Height - Bottom + 18}" text-anchor="middle">{Escape(label)}</text>""");
        }

        Add(svg, $"""
            <text x="{(Left + Width - Right) / 2:F1}" y="{Height - 12}" text-anchor="middle">{Escape(across)}</text>
            <text transform="translate(18 {(Top + Height - Bottom) / 2:F1}) rotate(-90)" text-anchor="middle">{Escape(up)}</text>
            """);
        for (var i = 0; i < series.Count; i++) Draw(svg, series[i], Colours[i % Colours.Length], i);
        return svg.Append("</svg>\n").ToString();
    }

    private void Draw(StringBuilder svg, Series series, string colour, int index)
    {
        var points = series.Points.Where(p => double.IsFinite(p.Y)).Select(p => (X: Along(p.X), Y: Down(p.Y))).ToList();
        var line = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:F1},{p.Y:F1}")));
        Add(svg, $"""<polyline fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round" points="{line}"/>""");
        if (points.Count <= 20)
        {
            foreach (var (px, py) in points) Add(svg, $"""<circle cx="{px:F1}" cy="{py:F1}" r="3" fill="{colour}"/>""");
        }

        var row = Top + 8 + (index * 20);
        Add(svg, $"""<line x1="{Width - Right + 14}" x2="{Width - Right + 34}" y1="{row}" y2="{row}" stroke="{colour}" stroke-width="3"/><text x="{Width - Right + 40}" y="{row + 4}">{Escape(series.Name)}</text>""");
    }

    private double Along(double value) => Left + (Math.Clamp(x.Place(value), 0, 1) * (Width - Left - Right));

    private double Down(double value) => Height - Bottom - (Math.Clamp(y.Place(value), 0, 1) * (Height - Top - Bottom));

    private static void Add(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
