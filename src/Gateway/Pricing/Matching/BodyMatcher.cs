using System.Text.Json;

namespace Gateway.Pricing.Matching;

/// <param name="path">As it was written.</param>
/// <param name="field">Its index in <see cref="BodyValues"/>.</param>
/// <param name="values">What is accepted.</param>
internal sealed class BodyMatcher(string path, int field, AcceptedValues values) : IMatcher
{
    public string Subject => $"the body's '{path}'";

    public Answer Matches(in RequestFacts facts)
    {
        var found = facts.Body[field];
        return found.Kind switch
        {
            JsonValueKind.String => values.JsonString(found.Text!),
            JsonValueKind.Number => values.JsonNumber(found.Text!),
            JsonValueKind.True => values.JsonBoolean(true),
            JsonValueKind.False => values.JsonBoolean(false),
            JsonValueKind.Object or JsonValueKind.Array => values.JsonComposite(),
            _ => Answer.No,
        };
    }

    public string? Found(in RequestFacts facts) => facts.Body[field] switch
    {
        { Kind: JsonValueKind.String, Text: var text } => $"\"{text}\"",
        { Kind: JsonValueKind.Number, Text: var text } => text,
        { Kind: JsonValueKind.Array, Text: var length } => $"a list of {length}",
        { Kind: JsonValueKind.Object } => "an object",
        { Kind: JsonValueKind.Undefined } => null,
        var other => other.Kind.ToString().ToLowerInvariant(),
    };

    public string Accepted => values.ToString();

    public override string ToString() => $"body {path} is {values}";
}
