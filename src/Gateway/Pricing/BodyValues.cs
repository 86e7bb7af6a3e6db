using System.Text.Json;

namespace Gateway.Pricing;

/// <summary>One inspected value of a request's body.</summary>
/// <param name="Kind"><see cref="JsonValueKind.Undefined"/> when it is missing.</param>
/// <param name="Text">A string's text, a number as it was written, how many elements a list has; else null.</param>
internal readonly record struct BodyValue(JsonValueKind Kind, string? Text);

/// <summary>The inspected values of a request's body, by the index of their path; or why there are none.</summary>
internal readonly struct BodyValues
{
    private readonly BodyValue[]? _values;

    public BodyValues(BodyValue[] values) => _values = values;

    public BodyValues(string error) => Error = error;

    /// <summary>Null, or a text for the caller (400) that names what is wrong; never holds what was sent.</summary>
    public string? Error { get; }

    public BodyValue this[int index] => _values is null ? default : _values[index];
}
