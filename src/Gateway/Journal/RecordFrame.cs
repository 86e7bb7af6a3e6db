using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Journal;

/// <summary>What stands at a slot of a segment.</summary>
internal enum SlotState
{
    /// <summary>Header word 0: never published.</summary>
    Empty,

    /// <summary>A whole record.</summary>
    Valid,

    /// <summary>The header belongs to this very slot, but the checksum fails: damage.</summary>
    Corrupt,

    /// <summary>Something that is no header of this slot: the inside of a record, or damage.</summary>
    Foreign,
}

/// <summary>
/// A record on disk: an 8-byte header word, a CRC32C, the payload; padded with zeros to 16-byte slots.
/// Word: type (8 bits), 0x4A (8), a tag of segment and offset (16), payload length (32). It is written last, at once, and is never 0.
/// </summary>
internal static class RecordFrame
{
    public const int SlotBytes = 16;
    public const int HeaderBytes = 12;
    private const int WordBytes = sizeof(ulong);
    private const ulong Mark = 0x4A;

    public static int SizeOf(int payloadLength) => (HeaderBytes + payloadLength + SlotBytes - 1) & ~(SlotBytes - 1);

    public static int LengthOf(ulong word) => (int)(word >> 32);

    /// <summary>Tag and checksum start from the segment's random id: bytes of another file, or moved within one, never validate.</summary>
    public static uint Seed(ulong segmentId) => BitOperations.Crc32C(uint.MaxValue, segmentId);

    /// <summary>Copies a record into its claimed slots and publishes it. Nothing here can throw: a claim is always published.</summary>
    public static unsafe void Publish(byte* slot, uint seed, int offset, RecordType type, ReadOnlySpan<byte> payload)
    {
        var word = Word(seed, offset, type, payload.Length);
        payload.CopyTo(new Span<byte>(slot + HeaderBytes, payload.Length));
        *(uint*)(slot + WordBytes) = Checksum(seed, offset, word, payload);

        // A full fence, not only a release: what the appender reads next (is anyone waiting?) must come after the record is visible.
        Interlocked.Exchange(ref *(ulong*)slot, word);
    }

    public static ulong ReadWord(ReadOnlySpan<byte> segment, int offset) =>
        Volatile.Read(ref Unsafe.As<byte, ulong>(ref MemoryMarshal.GetReference(segment.Slice(offset, SlotBytes))));

    public static SlotState Inspect(ReadOnlySpan<byte> segment, uint seed, int offset, out RecordType type, out int length)
    {
        var word = ReadWord(segment, offset);
        type = (RecordType)(byte)word;
        length = LengthOf(word);
        if (word == 0)
            return SlotState.Empty;
        if (length < 0 || length > segment.Length - offset - HeaderBytes || word != Word(seed, offset, type, length))
            return SlotState.Foreign;

        var expected = MemoryMarshal.Read<uint>(segment[(offset + WordBytes)..]);
        var actual = Checksum(seed, offset, word, segment.Slice(offset + HeaderBytes, length));
        return expected == actual ? SlotState.Valid : SlotState.Corrupt;
    }

    private static ulong Word(uint seed, int offset, RecordType type, int length)
    {
        var tag = (ushort)(BitOperations.Crc32C(seed, (uint)offset) >> 8);
        return (byte)type | (Mark << 8) | ((ulong)tag << 16) | ((ulong)(uint)length << 32);
    }

    private static uint Checksum(uint seed, int offset, ulong word, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(BitOperations.Crc32C(seed, (ulong)offset), word);
        while (payload.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, MemoryMarshal.Read<ulong>(payload));
            payload = payload[sizeof(ulong)..];
        }

        foreach (var rest in payload)
            crc = BitOperations.Crc32C(crc, rest);
        return crc;
    }
}
