using System.Buffers.Binary;
using System.Text;

namespace Gateway.Journal;

/// <summary>Writes a record's fields in order, little-endian; strings as UTF-8 behind a two-byte length.</summary>
internal ref struct RecordWriter(Span<byte> destination)
{
    public const int MaxStringBytes = 1024;
    public const int MaxCompact = 10;

    // Strict: a lone surrogate would come back as another string, so it is refused here, before any space is claimed.
    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    /// <summary>An upper bound that needs no look at the characters.</summary>
    public static int MaxLengthOf(string? value) => sizeof(ushort) + (value is null ? 0 : Math.Min(value.Length, MaxStringBytes) * 3);

    public void Write(byte value) => Take(sizeof(byte))[0] = value;

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);

    /// <summary>One byte up to 127, two up to 16,383 and so on; <see cref="MaxCompact"/> at most, which negative numbers take.</summary>
    public void WriteCompact(long value)
    {
        var rest = (ulong)value;
        for (; rest > 0x7F; rest >>= 7) Write((byte)(rest | 0x80));
        Write((byte)rest);
    }

    public void Write(Guid value) => value.TryWriteBytes(Take(16));

    public void Write(DateTimeOffset value) => Write(value.UtcTicks);

    public void Write(JournalPosition value)
    {
        Write(value.Segment);
        Write(value.Offset);
    }

    public void Write(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length > MaxStringBytes)
            throw TooLong(value);

        var prefix = Take(sizeof(ushort));
        var length = Utf8.GetBytes(value, _destination[Length..]);
        if (length > MaxStringBytes)
            throw TooLong(value);
        BinaryPrimitives.WriteUInt16LittleEndian(prefix, (ushort)length);
        Length += length;
    }

    /// <summary>A string behind a length of one or two bytes.</summary>
    public void WriteCompact(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length > MaxStringBytes || Utf8.GetByteCount(value) is var length && length > MaxStringBytes) throw TooLong(value);
        WriteCompact(length);
        Length += Utf8.GetBytes(value, _destination[Length..]);
    }

    private Span<byte> Take(int bytes)
    {
        var taken = _destination.Slice(Length, bytes);
        Length += bytes;
        return taken;
    }

    private static ArgumentException TooLong(string value) =>
        new($"A string in a journal record may have {MaxStringBytes} bytes of UTF-8; this one has more: '{value.AsSpan(0, 32)}…'.");
}
