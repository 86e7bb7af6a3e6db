using System.Buffers.Binary;

namespace Gateway.Forwarding;

/// <summary>Follows the frames of a WebSocket (RFC 6455) from one side as their bytes pass by, to know where one ends: a frame of our own fits only there.</summary>
internal struct WebSocketFrames
{
    private const int MostHeader = 14;

    private unsafe fixed byte _header[MostHeader];
    private int _have;
    private long _payload;

    public readonly bool IsBetweenFrames => _have == 0 && _payload == 0;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payload > 0)
            {
                var part = (int)Math.Min(_payload, bytes.Length);
                _payload -= part;
                bytes = bytes[part..];
                continue;
            }

            Keep(bytes[0]);
            bytes = bytes[1..];
        }
    }

    /// <summary>A close frame as a server sends it. The reason has to be short: a control frame carries 125 bytes.</summary>
    public static byte[] Close(int code, string reason)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(reason);
        var frame = new byte[4 + text.Length];
        (frame[0], frame[1]) = (0x88, checked((byte)(2 + text.Length)));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        text.CopyTo(frame, 4);
        return frame;
    }

    private unsafe void Keep(byte next)
    {
        fixed (byte* header = _header)
        {
            header[_have++] = next;
            if (_have < 2) return;
            var lengthCode = header[1] & 0x7F;
            var extended = lengthCode switch { 126 => 2, 127 => 8, _ => 0 };
            if (_have < 2 + extended + ((header[1] & 0x80) != 0 ? 4 : 0)) return;
            _payload = extended switch
            {
                2 => BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(header + 2, 2)),
                8 => BinaryPrimitives.ReadInt64BigEndian(new ReadOnlySpan<byte>(header + 2, 8)) & long.MaxValue,
                _ => lengthCode,
            };
            _have = 0;
        }
    }
}
