using System.Runtime.InteropServices;

namespace Gateway.Keys;

/// <summary>The public part of an issued key: 12 letters and digits, drawn at random. Allocates nothing.</summary>
internal readonly record struct KeyId
{
    public const int Length = 12;

    /// <summary>Said of what is no id, without repeating it: people who have a whole key at hand give that.</summary>
    public static readonly string IsNone = $"That is no key's id, which has {Length} letters and digits: the middle part of the key.";

    private readonly ulong _first;
    private readonly uint _rest;

    private KeyId(ulong first, uint rest) => (_first, _rest) = (first, rest);

    /// <summary>False for what is no id.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out KeyId id)
    {
        id = default;
        if (text.Length != Length) return false;
        Span<byte> bytes = stackalloc byte[Length];
        for (var i = 0; i < Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i])) return false;
            bytes[i] = (byte)text[i];
        }

        id = new KeyId(MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<uint>(bytes[sizeof(ulong)..]));
        return true;
    }

    public static KeyId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no key's id.");

    public bool Equals(KeyId other) => _first == other._first && _rest == other._rest;

    public override int GetHashCode() => HashCode.Combine(_first, _rest);

    public override string ToString() => string.Create(Length, this, static (text, id) =>
    {
        Span<byte> bytes = stackalloc byte[Length];
        MemoryMarshal.Write(bytes, id._first);
        MemoryMarshal.Write(bytes[sizeof(ulong)..], id._rest);
        for (var i = 0; i < Length; i++) text[i] = (char)bytes[i];
    });
}
