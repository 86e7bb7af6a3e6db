using System.Buffers.Binary;
using System.Text;

namespace Gateway.Journal;

/// <summary>Reads what <see cref="RecordWriter"/> wrote, in the same order.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> payload)
{
    private const int Remembered = 256;

    [ThreadStatic]
    private static string?[]? _last;

    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>Records written by earlier versions may lack what was added at the end.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte ReadByte() => Take(sizeof(byte))[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public long ReadCompact()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next <= 0x7F) return (long)value;
        }

        throw new InvalidDataException("A number in a journal record does not end.");
    }

    /// <summary>Most are those of the record before: they are not made anew.</summary>
    public string ReadCompactString()
    {
        var bytes = Take((int)ReadCompact());
        if (bytes.IsEmpty) return "";
        ref var last = ref (_last ??= new string?[Remembered])[(bytes.Length + (bytes[0] << 3) + (bytes[^1] << 1)) & (Remembered - 1)];
        if (last is not null && Ascii.Equals(bytes, last)) return last;
        return last = RecordWriter.Utf8.GetString(bytes);
    }

    public Guid ReadGuid() => new(Take(16));

    public DateTimeOffset ReadTime() => new(ReadInt64(), TimeSpan.Zero);

    public JournalPosition ReadPosition() => new(ReadInt64(), ReadInt32());

    public string ReadString() => RecordWriter.Utf8.GetString(Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)))));

    private ReadOnlySpan<byte> Take(int bytes)
    {
        // The checksum has passed, so this is a record of another shape than its type says, not damage.
        if ((uint)bytes > _rest.Length)
            throw new InvalidDataException($"A journal record ended {bytes - _rest.Length} bytes too early.");

        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }
}
