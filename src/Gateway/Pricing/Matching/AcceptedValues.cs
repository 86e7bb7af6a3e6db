using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Gateway.Pricing.Matching;

/// <summary>
/// The values one requirement accepts. Text is compared ordinally, numbers also by value, because upstreams turn "73" into 73. Where all
/// are numbers, the upstream is taken to read one, and what readers of numbers disagree on ("073", " 73", 73.9) is unclear.
/// </summary>
internal sealed class AcceptedValues
{
    private readonly ImmutableArray<string> _values;
    private readonly FrozenSet<string> _texts;
    private readonly FrozenSet<ExactNumber> _numbers;
    private readonly FrozenSet<double> _rounded;
    private readonly bool _onlyNumbers;
    private readonly bool _onlyIntegers;

    public AcceptedValues(params IEnumerable<string> values)
    {
        _values = [.. values];
        _texts = _values.ToFrozenSet(StringComparer.Ordinal);
        _numbers = _values.Select(v => ExactNumber.TryParse(v, out var n) ? n : (ExactNumber?)null).OfType<ExactNumber>().ToFrozenSet();
        _onlyNumbers = _values.All(v => ExactNumber.TryParse(v, out _));
        _onlyIntegers = _onlyNumbers && _numbers.All(n => n.IsInteger);
        _rounded = _values.Where(v => ExactNumber.TryParse(v, out _)).Select(Round).ToFrozenSet();
    }

    /// <summary>
    /// A header's line. What a client sent in several arrives upstream as one with commas, so no line with commas is only itself: where a part of it counts, it is unclear, unless all of it
    /// counts as it is.
    /// </summary>
    public Answer Line(string line) => Text(line) is var whole && whole == Answer.No && IsListOfAny(line) ? Answer.Unclear : whole;

    /// <summary>A header, query parameter or path segment. Text without any digit is nobody's number.</summary>
    public Answer Text(string value) => String(value, unclearUnlessNumber: HasDigit(value));

    public Answer JsonString(string value) => String(value, unclearUnlessNumber: true);

    public Answer JsonNumber(string raw)
    {
        if (_texts.Contains(raw)) return Answer.Yes;
        return ExactNumber.TryParse(raw, out var number) ? Number(number, raw) : Unless(_onlyNumbers);
    }

    /// <summary>The configuration's JSON reader writes true as <c>True</c>.</summary>
    public Answer JsonBoolean(bool value) =>
        _texts.Contains(value ? "true" : "false") || _texts.Contains(value ? "True" : "False") ? Answer.Yes : Answer.No;

    /// <summary>An object or an array.</summary>
    public Answer JsonComposite() => Unless(_onlyNumbers);

    public override string ToString() => string.Join(", ", _values);

    private bool IsListOfAny(string line)
    {
        if (!line.Contains(',', StringComparison.Ordinal)) return false;
        foreach (var part in line.AsSpan().Split(','))
        {
            if (Text(line[part].Trim()) != Answer.No) return true;
        }

        return false;
    }

    private Answer String(string value, bool unclearUnlessNumber)
    {
        if (_texts.Contains(value)) return Answer.Yes;
        if (_numbers.Count == 0) return Answer.No;
        return ExactNumber.TryParsePlain(value, out var number) ? Number(number, value) : Unless(_onlyNumbers && unclearUnlessNumber);
    }

    private Answer Number(in ExactNumber number, string raw)
    {
        if (_numbers.Contains(number)) return Answer.Yes;
        if (_onlyIntegers && !number.IsInteger) return Answer.Unclear; // an upstream that wants 73 takes 73.9 for it, or refuses it
        return Unless(_onlyNumbers && _rounded.Contains(Round(raw))); // one that reads doubles takes the two for the same
    }

    private static bool HasDigit(string value)
    {
        foreach (var c in value)
        {
            if (char.IsDigit(c)) return true; // of any script: some readers of numbers take them
        }
        return false;
    }

    private static Answer Unless(bool unclear) => unclear ? Answer.Unclear : Answer.No;

    private static double Round(string number) => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
}
