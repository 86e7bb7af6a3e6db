using System.IO.Hashing;
using System.Security.Cryptography;

namespace Gateway.Keys;

/// <summary>
/// An issued key as its owner has it: <c>prefix_id_secretchecksum</c>. The secret has 166 bits. The checksum is a CRC32 of all before it: it
/// tells garbage and slips of the pen from keys before anything is looked up, and lets scanners of public code find keys that leaked.
/// </summary>
internal static class KeyText
{
    public const int MaxPrefixLength = 16;

    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 28;
    private const int ChecksumLength = 6;
    private const int TailLength = 1 + KeyId.Length + 1 + SecretLength + ChecksumLength;

    public static KeyId NewId() => KeyId.Parse(RandomNumberGenerator.GetString(Digits, KeyId.Length));

    /// <summary>A new secret for an id.</summary>
    public static string Create(string prefix, KeyId id)
    {
        var text = $"{prefix}_{id}_{RandomNumberGenerator.GetString(Digits, SecretLength)}";
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text, checksum);
        return string.Concat(text, checksum);
    }

    /// <summary>False for what nobody ever issued. Whatever the prefix: it may have been another one once.</summary>
    public static bool TryReadId(ReadOnlySpan<char> key, out KeyId id)
    {
        id = default;
        if (key.Length is <= TailLength or > TailLength + MaxPrefixLength) return false;
        var tail = key[^TailLength..];
        if (tail[0] != '_' || tail[1 + KeyId.Length] != '_') return false;
        Span<char> expected = stackalloc char[ChecksumLength];
        WriteChecksum(key[..^ChecksumLength], expected);
        return key[^ChecksumLength..].SequenceEqual(expected) && KeyId.TryParse(tail.Slice(1, KeyId.Length), out id);
    }

    public static bool IsPrefix(string text) =>
        text.Length is > 0 and <= MaxPrefixLength && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    private static void WriteChecksum(ReadOnlySpan<char> text, Span<char> checksum)
    {
        Span<byte> bytes = stackalloc byte[MaxPrefixLength + TailLength];
        for (var i = 0; i < text.Length; i++) bytes[i] = (byte)text[i];
        var crc = Crc32.HashToUInt32(bytes[..text.Length]);
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            checksum[i] = Digits[(int)(crc % (uint)Digits.Length)];
            crc /= (uint)Digits.Length;
        }
    }
}
