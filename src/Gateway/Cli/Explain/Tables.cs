using Spectre.Console;

namespace Gateway.Cli.Explain;

/// <summary>Tables for a terminal, and for whoever redirects them.</summary>
internal static class Tables
{
    // What a line of a page has room for; a terminal knows its own width.
    private const int WidthElsewhere = 132;

    public static Table Of(params string[] columns) => new Table().Border(TableBorder.Rounded).ShowRowSeparators().AddColumns(columns);

    public static void Add(this Table table, params IEnumerable<string> cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    public static void WriteTo(this Table table, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (output != Console.Out || Console.IsOutputRedirected) console.Profile.Width = WidthElsewhere;
        console.Write(table);
    }
}
