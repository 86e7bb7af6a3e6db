using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Pricing;

/// <summary>
/// Looks for <see cref="ResponseFields"/> in an answer as its bytes pass by, in any pieces: nothing is kept but the value or the name being read, up to
/// <see cref="MaxToken"/> bytes of it. What is no JSON has no values. Of a property named twice the last counts, as in nearly every reader of JSON.
/// </summary>
internal sealed class ResponseScan(ResponseFields fields)
{
    /// <summary>What <see cref="Values"/> has for JSON's <c>null</c>.</summary>
    public const string Null = "null";

    /// <summary>An answer with a longer list is looked at so far.</summary>
    private const int MostElements = 10_000;

    /// <summary>A longer name or value is none that anybody looks for.</summary>
    private const int MaxToken = 256;

    private static readonly SearchValues<byte> EndsText = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> EndsScalar = SearchValues.Create(",]} \t\r\n"u8);
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"[]{}"u8);

    private readonly byte[] _token = new byte[MaxToken];
    private readonly Stack<(ResponseFields.Node Node, bool IsList)> _open = new();
    private readonly List<string?[]> _elements = [];
    private State _state = State.Value;
    private ResponseFields.Node? _node = fields.Start;
    private int _length;
    private int _skipping;
    private bool _isName;
    private bool _isDocument;

    private enum State
    {
        /// <summary>A value has to begin, or a list or object to end.</summary>
        Value,

        /// <summary>In an object that is on somebody's path: a name has to begin, or the object to end.</summary>
        Name,
        Colon,
        Comma,
        Text,
        Escape,
        Scalar,

        /// <summary>In something that nobody looks for.</summary>
        Skip,
        SkipText,
        SkipEscape,

        /// <summary>Past the document, or it is none.</summary>
        Done,
    }

    /// <summary>By the index of the field; null where there is none.</summary>
    public string?[] Values { get; } = new string?[fields.Count];

    /// <summary>The values of each element of the list, or those of the document where there is none to be; none of an answer that is no such document, or empty.</summary>
    public IReadOnlyList<string?[]> Rows => fields.IsList ? _elements : _isDocument ? [Values] : [];

    /// <summary>The next bytes.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _state != State.Done)
        {
            switch (_state)
            {
                case State.Text: ReadText(ref bytes); break;
                case State.Scalar: ReadScalar(ref bytes); break;
                case State.Skip: Skip(ref bytes); break;
                case State.SkipText: SkipText(ref bytes); break;
                default:
                    ReadOne(bytes[0]);
                    bytes = bytes[1..];
                    break;
            }
        }
    }

    private void ReadOne(byte next)
    {
        if (_state == State.Escape)
        {
            Keep([next]);
            _state = State.Text;
            return;
        }

        if (_state == State.SkipEscape)
        {
            _state = State.SkipText;
            return;
        }

        if (next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') return;
        _state = (_state, next) switch
        {
            (State.Value, (byte)'{') => EnterObject(),
            (State.Value, (byte)'[') => EnterList(),
            (State.Value or State.Comma, (byte)']') when IsInList => Leave(),
            (State.Value, (byte)'"') => Begin(isName: false),
            (State.Name, (byte)'"') => Begin(isName: true),
            (State.Value, not (byte)']') => BeginScalar(next),
            (State.Name or State.Comma, (byte)'}') when !IsInList => Leave(),
            (State.Colon, (byte)':') => State.Value,
            (State.Comma, (byte)',') => IsInList ? NextElement() : State.Name,
            _ => State.Done,
        };
    }

    private State EnterObject()
    {
        if (_node is not { Children.Count: > 0 }) return EnterSkipped();
        _isDocument = true;
        _open.Push((_node, IsList: false));
        return State.Name;
    }

    private State EnterList()
    {
        if (_node is not { Each: not null }) return EnterSkipped();
        _open.Push((_node, IsList: true));
        return NextElement();
    }

    private State NextElement()
    {
        _node = _open.Peek().Node.Each;
        return State.Value;
    }

    private State Leave()
    {
        _open.Pop();
        return AfterValue();
    }

    private bool IsInList => _open.TryPeek(out var top) && top.IsList;

    private State EnterSkipped()
    {
        _skipping = 1;
        return State.Skip;
    }

    private State Begin(bool isName)
    {
        (_isName, _length) = (isName, 0);
        return State.Text;
    }

    private State BeginScalar(byte first)
    {
        _length = 0;
        Keep([first]);
        return State.Scalar;
    }

    private void ReadText(ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny(EndsText);
        Keep(end < 0 ? bytes : bytes[..end]);
        if (end < 0)
        {
            bytes = [];
            return;
        }

        if (bytes[end] == '\\')
        {
            Keep("\\"u8);
            _state = State.Escape;
        }
        else if (_isName)
        {
            _node = _length > MaxToken ? null : _open.Peek().Node.Find(Unescaped());
            _state = State.Colon;
        }
        else
        {
            Found(isText: true);
        }

        bytes = bytes[(end + 1)..];
    }

    private void ReadScalar(ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny(EndsScalar);
        Keep(end < 0 ? bytes : bytes[..end]);
        bytes = end < 0 ? [] : bytes[end..];
        if (end >= 0) Found(isText: false);
    }

    private void Skip(ref ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOfAny(Structure);
        if (at < 0)
        {
            bytes = [];
            return;
        }

        var next = bytes[at];
        bytes = bytes[(at + 1)..];
        if (next == '"') _state = State.SkipText;
        else if (next is (byte)'{' or (byte)'[') _skipping++;
        else if (--_skipping == 0) _state = AfterValue();
    }

    private void SkipText(ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny(EndsText);
        if (end >= 0) _state = bytes[end] == '"' ? State.Skip : State.SkipEscape;
        bytes = end < 0 ? [] : bytes[(end + 1)..];
    }

    private void Found(bool isText)
    {
        if (_node is { Field: >= 0 } node && _length <= MaxToken)
        {
            var text = Encoding.UTF8.GetString(isText ? Unescaped() : _token.AsSpan(0, _length));
            Values[node.Field] = isText && text == Null ? "" : text; // the word is no number either
        }

        _state = AfterValue();
    }

    private State AfterValue()
    {
        if (IsInList && _elements.Count < MostElements) _elements.Add([.. Values]);
        if (IsInList) Array.Clear(Values);
        return _open.Count == 0 ? State.Done : State.Comma;
    }

    private ReadOnlySpan<byte> Unescaped()
    {
        var raw = _token.AsSpan(0, _length);
        if (!raw.Contains((byte)'\\')) return raw;
        try
        {
            return Encoding.UTF8.GetBytes(JsonSerializer.Deserialize($"\"{Encoding.UTF8.GetString(raw)}\"", ScanJson.Default.String)!);
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>One byte more than fits is remembered as such.</summary>
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > MaxToken)
        {
            _length = MaxToken + 1;
            return;
        }

        bytes.CopyTo(_token.AsSpan(_length));
        _length += bytes.Length;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class ScanJson : System.Text.Json.Serialization.JsonSerializerContext;
