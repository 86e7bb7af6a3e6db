using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Gateway.Journal;

/// <summary>
/// The first 64 bytes of a segment file. Magic, version and the checksum at byte 60 stay where they are in every later version,
/// so that a damaged header and a newer one can always be told apart.
/// </summary>
internal readonly record struct SegmentHeader(int Version, long Number, ulong Id, DateTimeOffset CreatedAt, long Capacity)
{
    public const int Bytes = 64;
    public const int CurrentVersion = 1;
    private const int ChecksumOffset = 60;

    private static ReadOnlySpan<byte> Magic => "GWJOURNL"u8;

    public static SegmentHeader New(long number, DateTimeOffset createdAt, long capacity) => new(
        CurrentVersion, number, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))), createdAt, capacity);

    public void Write(Span<byte> destination)
    {
        var header = destination[..Bytes];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Id);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], CreatedAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], Capacity);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChecksumOffset..], Checksum(header));
    }

    /// <summary>False when the bytes are no header: too short, another kind of file, or damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Bytes || !source.StartsWith(Magic))
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Checksum(source))
            return false;

        var ticks = BinaryPrimitives.ReadInt64LittleEndian(source[32..]);
        header = new(
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            new DateTimeOffset(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]));
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> header)
    {
        var crc = uint.MaxValue;
        foreach (var value in header[..ChecksumOffset])
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
