using System.Globalization;
using System.Text;
using Gateway.Bench.Measuring;
using Gateway.Bench.Verbs;
using Spectre.Console;

namespace Gateway.Bench.Report;

/// <summary>What one run found: shown on the screen as it comes, and in the end written as a page with its data and pictures beside it.</summary>
internal sealed class ReportPage
{
    private readonly string _folder;
    private readonly string _name;
    private readonly StringBuilder _text = new();
    private readonly List<(string File, string Content)> _beside = [];
    private bool _isIntroduced;

    private ReportPage(string folder, string name) => (_folder, _name) = (folder, name);

    /// <param name="verb">In the file's name.</param>
    /// <param name="title">At the top.</param>
    /// <param name="settings">Where it goes, and what was asked for.</param>
    /// <param name="stop">Ends it before.</param>
    public static async Task<ReportPage> BeginAsync(string verb, string title, RunSettings settings, CancellationToken stop)
    {
        var time = TimeProvider.System.GetUtcNow();
        var page = new ReportPage(settings.Output, string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd-HHmmss}-{verb}"));
        page._text.Append(CultureInfo.InvariantCulture, $"# {title}\n\n{time:yyyy-MM-dd HH:mm} UTC, seed {settings.Seed}. Command: `{settings.CommandLine}`\n\n");
        foreach (var (name, value) in await MachineFacts.ReadAsync(settings.Root, stop)) page._text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        page._text.Append('\n');
        return page;
    }

    public void Heading(string text) => _text.Append(CultureInfo.InvariantCulture, $"## {text}\n\n");

    public void Paragraph(string text)
    {
        _text.Append(text).Append("\n\n");
        AnsiConsole.WriteLine(text);
    }

    /// <summary>What is measured, and of what. Once: the next starts are of the same.</summary>
    public void Introduce(string text, IReadOnlyList<string> items)
    {
        if (_isIntroduced) return;
        _isIntroduced = true;
        Paragraph(text);
        List(items);
    }

    public void List(IEnumerable<string> items)
    {
        foreach (var item in items) _text.Append(CultureInfo.InvariantCulture, $"- {item}\n");
        _text.Append('\n');
    }

    public void Table(TextTable table)
    {
        _text.Append(table.ToMarkdown()).Append('\n');
        AnsiConsole.Write(table.ToScreen());
    }

    public void Picture(string name, string alternative, string svg)
    {
        var file = $"{_name}-{name}.svg";
        _beside.Add((file, svg));
        _text.Append(CultureInfo.InvariantCulture, $"![{alternative}]({file})\n\n");
    }

    public void Data(IEnumerable<Sample> samples) => Data("runs", Csv.Write(samples));

    public void Data(string name, string csv)
    {
        var file = $"{_name}-{name}.csv";
        _beside.Add((file, csv));
        _text.Append(CultureInfo.InvariantCulture, $"Raw data: [{file}]({file})\n\n");
    }

    /// <summary>Writes everything.</summary>
    public async Task WriteAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(_folder);
        foreach (var (file, content) in _beside) await File.WriteAllTextAsync(Path.Combine(_folder, file), content, stop);
        var path = Path.Combine(_folder, _name + ".md");
        await File.WriteAllTextAsync(path, _text.ToString().TrimEnd('\n') + "\n", stop);
        AnsiConsole.MarkupLineInterpolated($"[green]written[/] {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
    }
}
