using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Journal.Records;

namespace Gateway.Journal;

/// <summary>How a segment's seal is reckoned. It is a plain hash: it finds what was changed or lost, and who wants to prove more keeps the head elsewhere.</summary>
internal static class SegmentSeal
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>The seal over the first <paramref name="length"/> bytes of a segment's file. Throws <see cref="IOException"/> when it has fewer.</summary>
    public static SegmentSealed Compute(string path, long segment, long length, string previous)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, segment);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], length);
        hash.AppendData(Encoding.ASCII.GetBytes(previous));
        hash.AppendData(numbers);

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[BufferBytes];
        for (var offset = 0L; offset < length;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
            if (read == 0) throw new EndOfStreamException($"Journal file '{path}' has {offset} bytes; {length} were sealed.");
            hash.AppendData(buffer, 0, read);
            offset += read;
        }

        return new SegmentSealed(segment, length, previous, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Whether a file has nothing but zeros behind its used bytes.</summary>
    public static bool IsUnused(string path, long from)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[BufferBytes];
        for (int read; (read = RandomAccess.Read(file, buffer, from)) > 0; from += read)
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0)) return false;
        }

        return true;
    }
}
