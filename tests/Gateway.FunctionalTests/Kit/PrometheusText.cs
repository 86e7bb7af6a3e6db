using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.FunctionalTests.Kit;

/// <summary>A page in Prometheus's text format, version 0.0.4, read as strictly as Prometheus does, or more so. Throws <see cref="FormatException"/> with the line.</summary>
internal sealed partial class PrometheusText
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _helped = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private readonly List<Sample> _samples = [];
    private string? _family;

    private PrometheusText()
    {
    }

    /// <summary>Families by name, with what they are.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyList<Sample> Samples => _samples;

    public static PrometheusText Parse(string text)
    {
        if (!text.EndsWith('\n')) throw new FormatException("The last line does not end.");
        var page = new PrometheusText();
        foreach (var line in text[..^1].Split('\n')) page.Read(line);
        return page;
    }

    /// <summary>The one sample of this name that has these labels and no others; null for none.</summary>
    public double? Find(string name, params (string Name, string Value)[] labels) =>
        _samples.SingleOrDefault(s => s.Name == name && s.Labels.Count == labels.Length && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value))?.Value;

    public double Sum(string name) => _samples.Where(s => s.Name == name).Sum(s => s.Value);

    private void Read(string line)
    {
        if (line.Length == 0) return;
        if (line.StartsWith("# EOF", StringComparison.Ordinal)) throw new FormatException($"That is OpenMetrics: {line}");
        if (HelpLine().Match(line) is { Success: true } help)
        {
            Enter(help.Groups[1].Value, line);
            if (!_helped.Add(help.Groups[1].Value)) throw new FormatException($"Explained twice: {line}");
        }
        else if (TypeLine().Match(line) is { Success: true } type)
        {
            Enter(type.Groups[1].Value, line);
            if (!_types.TryAdd(type.Groups[1].Value, type.Groups[2].Value)) throw new FormatException($"Typed twice: {line}");
        }
        else if (SampleLine().Match(line) is { Success: true } sample)
        {
            Add(sample, line);
        }
        else
        {
            throw new FormatException($"Neither a sample nor a comment of a known kind: {line}");
        }
    }

    /// <summary>All lines of a family stand together.</summary>
    private void Enter(string family, string line)
    {
        if (family == _family) return;
        if (_family is not null) _left.Add(_family);
        _family = family;
        if (_left.Contains(family)) throw new FormatException($"Its family was over: {line}");
    }

    private void Add(Match match, string line)
    {
        var name = match.Groups["name"].Value;
        if (name != _family || !_types.ContainsKey(name) || _samples.Exists(s => s.Name == name && s.Line == match.Groups["labels"].Value))
            throw new FormatException($"Not of the family that it stands in, before its type, or twice: {line}");
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match label in Label().Matches(match.Groups["labels"].Value))
        {
            if (!labels.TryAdd(label.Groups[1].Value, label.Groups[2].Value)) throw new FormatException($"The same label twice: {line}");
        }

        _samples.Add(new Sample(name, labels, double.Parse(match.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture), match.Groups["labels"].Value));
    }

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\\n]|\\\\|\\n)+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*)?\})? (?<value>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?: [0-9]+)?$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Label();

    /// <param name="Line">Its labels as they were written.</param>
    internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value, string Line);
}
