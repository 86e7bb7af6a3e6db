using System.Buffers.Binary;
using System.IO.Hashing;

namespace Gateway.Model;

/// <summary>
/// The id under which a part of a long request is settled before its end: it follows from the request's id and the part's number, so that who has the
/// receipt finds all parts.
/// </summary>
internal static class SliceId
{
    /// <param name="requestId">The request's, which its last part has itself.</param>
    /// <param name="number">From 1.</param>
    public static Guid Of(Guid requestId, int number)
    {
        Span<byte> name = stackalloc byte[20];
        requestId.TryWriteBytes(name, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(name[16..], number);
        Span<byte> hash = stackalloc byte[16];
        XxHash128.Hash(name, hash);
        (hash[6], hash[8]) = ((byte)((hash[6] & 0x0F) | 0x80), (byte)((hash[8] & 0x3F) | 0x80)); // version 8: made by rules of one's own
        return new Guid(hash, bigEndian: true);
    }
}
