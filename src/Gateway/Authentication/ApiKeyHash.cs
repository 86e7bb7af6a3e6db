using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace Gateway.Authentication;

/// <summary>SHA-256 of a key's UTF-8 bytes: all that is kept of a key. Allocates nothing; equality takes the same time whatever differs.</summary>
internal readonly struct ApiKeyHash : IEquatable<ApiKeyHash>
{
    /// <summary>A longer key is refused unread.</summary>
    public const int MaxKeyLength = 512;

    // Begun once for each thread: to begin anew takes as long as to hash.
    [ThreadStatic]
    private static IncrementalHash? _sha256;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    private ApiKeyHash(ReadOnlySpan<byte> sha256)
    {
        _first = BinaryPrimitives.ReadUInt64BigEndian(sha256);
        _second = BinaryPrimitives.ReadUInt64BigEndian(sha256[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(sha256[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(sha256[24..]);
    }

    /// <summary>The first 8 hexadecimal digits: enough to find a key by, too little to guess it from.</summary>
    public string ShortId => (_first >> 32).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>False when the key is empty, longer than <see cref="MaxKeyLength"/> characters or not valid text.</summary>
    [SkipLocalsInit]
    public static bool TryFromKey(ReadOnlySpan<char> key, out ApiKeyHash hash)
    {
        hash = default;
        if (key.IsEmpty || key.Length > MaxKeyLength) return false;

        Span<byte> utf8 = stackalloc byte[MaxKeyLength * 3];
        if (Utf8.FromUtf16(key, utf8, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done) return false;

        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        var hasher = _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hasher.AppendData(utf8[..written]);
        hasher.GetHashAndReset(sha256);
        CryptographicOperations.ZeroMemory(utf8[..written]);
        hash = new ApiKeyHash(sha256);
        return true;
    }

    /// <summary>Reads 64 hexadecimal digits of either case.</summary>
    public static bool TryFromHex(ReadOnlySpan<char> hex, out ApiKeyHash hash)
    {
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        var valid = hex.Length == sha256.Length * 2 && Convert.FromHexString(hex, sha256, out _, out _) == OperationStatus.Done;
        hash = valid ? new ApiKeyHash(sha256) : default;
        return valid;
    }

    public bool FixedTimeEquals(in ApiKeyHash other) =>
        ((_first ^ other._first) | (_second ^ other._second) | (_third ^ other._third) | (_fourth ^ other._fourth)) == 0;

    public bool Equals(ApiKeyHash other) => FixedTimeEquals(in other);

    public override bool Equals(object? obj) => obj is ApiKeyHash other && Equals(other);

    public override int GetHashCode() => _first.GetHashCode();

    public override string ToString() => ShortId;
}
