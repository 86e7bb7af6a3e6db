using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Pricing;

/// <summary>
/// The fields of a JSON body that a route's meters look at, found in one pass. Where readers of JSON disagree, nothing is guessed: a body
/// that is not strict JSON, or names an inspected property twice or in other letter case (the same name to Go, .NET and others), is an error.
/// </summary>
internal sealed class BodyFields
{
    private const int MaxDepth = 64;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    private readonly Node _root = new("$");
    private int _fields;
    private int _nodes;

    /// <summary>Index of a path's value among <see cref="BodyValues"/>; two spellings of one path share it.</summary>
    public int Add(IEnumerable<string> names)
    {
        var node = _root;
        foreach (var name in names)
        {
            var child = node.Children.Find(c => c.Name == name);
            if (child is null) node.Children.Add(child = new Node(name) { Index = _nodes++ });
            node = child;
        }
        if (node.Field < 0) node.Field = _fields++;
        return node.Field;
    }

    /// <summary>Never throws. An empty body has no fields: what is not there cannot be unclear.</summary>
    public BodyValues Read(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return default;
        if (!Utf8.IsValid(body)) return new BodyValues("The body is not valid UTF-8.");

        var values = new BodyValue[_fields];
        var reader = new Utf8JsonReader(body, Strict);
        try
        {
            reader.Read();
            if (ReadValue(ref reader, _root, values, new bool[_nodes]) is { } error) return new BodyValues(error);
            reader.Read(); // throws on anything but white space after the document
            return new BodyValues(values);
        }
        catch (JsonException e)
        {
            return new BodyValues($"The body is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException) // an escaped half of a surrogate pair: valid by JSON's grammar, but no text
        {
            return new BodyValues("The body has a string that is not valid text.");
        }
    }

    /// <summary>Leaves the reader on the value's last token. Answers what is unclear, or null.</summary>
    private static string? ReadValue(ref Utf8JsonReader reader, Node node, BodyValue[] values, bool[] seen)
    {
        if (node.Field >= 0) values[node.Field] = ValueOf(ref reader);
        if (reader.TokenType != JsonTokenType.StartObject || node.Children.Count == 0)
        {
            reader.Skip();
            return null;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var child = node.Find(ref reader);
            if (child is null)
            {
                if (node.FindInOtherCase(ref reader) is { } meant)
                    return $"The body names the property '{meant.Name}' in other letter case, which is another property to some readers and the same to others.";
                reader.Read();
                reader.Skip();
                continue;
            }
            reader.Read();
            if (seen[child.Index]) return $"The body names the property '{child.Name}' twice in one object.";
            seen[child.Index] = true;
            if (ReadValue(ref reader, child, values, seen) is { } error) return error;
        }
        return null;
    }

    private static BodyValue ValueOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => new BodyValue(JsonValueKind.String, reader.GetString()),
        JsonTokenType.Number => new BodyValue(JsonValueKind.Number, Encoding.UTF8.GetString(reader.ValueSpan)),
        JsonTokenType.True => new BodyValue(JsonValueKind.True, null),
        JsonTokenType.False => new BodyValue(JsonValueKind.False, null),
        JsonTokenType.Null => new BodyValue(JsonValueKind.Null, null),
        JsonTokenType.StartArray => new BodyValue(JsonValueKind.Array, Length(reader).ToString(CultureInfo.InvariantCulture)),
        _ => new BodyValue(JsonValueKind.Object, null),
    };

    /// <summary>Of the list that the reader, a copy, stands at.</summary>
    private static int Length(Utf8JsonReader reader)
    {
        var length = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            length++;
            reader.Skip();
        }

        return length;
    }

    private sealed class Node(string name)
    {
        private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(name);

        public string Name { get; } = name;

        public List<Node> Children { get; } = [];

        public int Field { get; set; } = -1;

        public int Index { get; init; }

        public Node? Find(ref Utf8JsonReader reader)
        {
            foreach (var child in Children)
            {
                if (reader.ValueTextEquals(child._utf8)) return child;
            }
            return null;
        }

        public Node? FindInOtherCase(ref Utf8JsonReader reader)
        {
            var isPlain = !reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan);
            var folded = isPlain ? null : Fold(reader.GetString()!);
            foreach (var child in Children)
            {
                if (isPlain ? Ascii.EqualsIgnoreCase(reader.ValueSpan, child._utf8) : string.Equals(folded, Fold(child.Name), StringComparison.OrdinalIgnoreCase))
                    return child;
            }
            return null;
        }

        // The two letters beyond ASCII that are one with a letter in it, to Go for example: the long s and the kelvin sign.
        private static string Fold(string text) => text.Replace('\u017f', 's').Replace('\u212a', 'k');
    }
}
