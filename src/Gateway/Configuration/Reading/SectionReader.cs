using System.Globalization;

namespace Gateway.Configuration.Reading;

/// <summary>
/// Reads one object of the configuration. What it is asked for is what is known there; <see cref="End"/> reports the rest. A value that
/// does not fit is reported and its default returned, so that reading goes on to the next error.
/// </summary>
internal sealed class SectionReader(IConfigurationSection section, string path, Findings findings)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string Path { get; } = path;

    /// <summary>The object's own name, where objects are named by the user.</summary>
    public string Key => section.Key;

    public Findings Findings { get; } = findings;

    public void Error(string name, string message) => Findings.Add(At(name), message);

    public void Error(string message) => Findings.Add(Path, message);

    public string At(string name) => Findings.Step(Path, name);

    /// <summary>Whether anything but null is there.</summary>
    public bool Has(string name)
    {
        var child = Child(name);
        return child.Value is not null || child.GetChildren().Any();
    }

    /// <summary>Null when absent.</summary>
    public string? Text(string name)
    {
        var child = Child(name);
        if (!child.GetChildren().Any()) return child.Value;

        Error(name, "must be a single value, not an object or a list");
        return null;
    }

    public string Text(string name, string fallback) => Text(name) ?? fallback;

    public int Integer(string name, int fallback, int least, int most) => (int)Integer(name, (long)fallback, least, most);

    public long Integer(string name, long fallback, long least, long most)
    {
        if (Text(name) is not { } text) return fallback;

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            Error(name, $"must be a whole number from {Number(least)} to {Number(most)}");
            return fallback;
        }
        if (value >= least && value <= most) return value;

        Error(name, $"is {Number(value)}, but must be from {Number(least)} to {Number(most)}");
        return fallback;
    }

    public decimal Number(string name, decimal fallback, decimal least, decimal most)
    {
        if (Text(name) is not { } text) return fallback;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most) return value;

        Error(name, string.Create(CultureInfo.InvariantCulture, $"must be from {least:0.#########} to {most:#,0}"));
        return fallback;
    }

    public bool Flag(string name, bool fallback)
    {
        if (Text(name) is not { } text) return fallback;
        if (bool.TryParse(text, out var value)) return value;

        Error(name, "must be true or false");
        return fallback;
    }

    public T Choice<T>(string name, T fallback)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return fallback;

        var names = Enum.GetNames<T>();
        var index = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index >= 0) return Enum.Parse<T>(names[index]);

        Error(name, $"'{text}' is not one of the choices: {string.Join(", ", names)}");
        return fallback;
    }

    /// <summary>A value or a list of values; empty when absent.</summary>
    public List<string> Texts(string name)
    {
        var child = Child(name);
        var items = child.GetChildren().ToList();
        if (items.Count == 0) return string.IsNullOrEmpty(child.Value) ? [] : [child.Value]; // "" is how an empty list reads

        if (!IsList(name, items)) return [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Value is null) Findings.Add($"{At(name)}[{items[i].Key}]", "must be a single value");
        }
        return [.. items.Select(i => i.Value).OfType<string>()];
    }

    /// <summary>For a list that somebody else reads, who does not take a value for a list of one.</summary>
    public void NoSingleValue(string name)
    {
        if (!string.IsNullOrEmpty(Child(name).Value)) Error(name, "must be a list");
    }

    /// <summary>An object; an empty one when absent.</summary>
    public SectionReader Object(string name)
    {
        var child = Child(name);
        if (!string.IsNullOrEmpty(child.Value)) Error(name, "must be an object");
        return new SectionReader(child, At(name), Findings);
    }

    /// <summary>Objects by names of the user's own.</summary>
    public List<SectionReader> Entries(string name)
    {
        var child = Child(name);
        if (!string.IsNullOrEmpty(child.Value)) Error(name, "must be an object");
        return Objects(child.GetChildren(), entry => Findings.Step(At(name), entry.Key));
    }

    /// <summary>A list of objects.</summary>
    public List<SectionReader> Items(string name)
    {
        var child = Child(name);
        var items = child.GetChildren().ToList();
        if (!string.IsNullOrEmpty(child.Value)) Error(name, "must be a list");
        return IsList(name, items) ? Objects(items, item => $"{At(name)}[{item.Key}]") : [];
    }

    /// <summary>As <see cref="Items"/>, but a single object may stand for a list of one.</summary>
    public List<SectionReader> OneOrMore(string name) =>
        Child(name).GetChildren().Any(c => !IsIndex(c.Key)) ? [Object(name)] : Items(name);

    public List<string> Names() => [.. section.GetChildren().Select(c => c.Key)];

    /// <summary>Reports every key that nobody asked for.</summary>
    public void End()
    {
        foreach (var child in section.GetChildren().Where(c => !_known.Contains(c.Key)))
        {
            Error(child.Key, $"unknown key '{child.Key}'{Suggestion.For(child.Key, _known)}");
        }
    }

    private IConfigurationSection Child(string name)
    {
        _known.Add(name);
        return section.GetSection(name);
    }

    private List<SectionReader> Objects(IEnumerable<IConfigurationSection> children, Func<IConfigurationSection, string> pathOf)
    {
        var readers = new List<SectionReader>();
        foreach (var child in children)
        {
            if (string.IsNullOrEmpty(child.Value)) readers.Add(new SectionReader(child, pathOf(child), Findings));
            else Findings.Add(pathOf(child), "must be an object");
        }
        return readers;
    }

    private bool IsList(string name, List<IConfigurationSection> items)
    {
        if (items.All(i => IsIndex(i.Key))) return true;

        Error(name, "must be a list");
        return false;
    }

    private static bool IsIndex(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
