using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Gateway.FunctionalTests.Kit;

/// <summary>One request over HTTP/2 as frames on a socket, with whatever in its fields: nothing of it is checked or put right.</summary>
internal static class RawHttp2
{
    private const byte Headers = 1, ResetStream = 3, Settings = 4, GoAway = 7;
    private const byte EndStream = 1, EndHeaders = 4, Acknowledge = 1;

    /// <summary>The answer's status, or <c>RST n</c> or <c>GOAWAY n</c> with the error's number (RFC 9113, 7), or <c>closed</c>.</summary>
    public static async Task<string> ExchangeAsync(Uri address, params (string Name, string Value)[] fields)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await WriteAsync(stream, Settings, 0, 0, []);
        await WriteAsync(stream, Headers, EndHeaders | EndStream, 1, Encode(fields));
        try
        {
            while (true)
            {
                var (type, flags, id, payload) = await ReadAsync(stream);
                if (type == Settings && (flags & Acknowledge) == 0) await WriteAsync(stream, Settings, Acknowledge, 0, []);
                else if (type == Headers && id == 1) return StatusOf(payload);
                else if (type == ResetStream) return $"RST {BinaryPrimitives.ReadInt32BigEndian(payload)}";
                else if (type == GoAway && payload[7] != 0) return $"GOAWAY {payload[7]}";
            }
        }
        catch (IOException)
        {
            return "closed";
        }
    }

    /// <summary>HPACK, literal fields without indexing, in plain characters (RFC 7541, 6.2.2).</summary>
    private static byte[] Encode((string Name, string Value)[] fields)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            foreach (var text in (string[])[name, value])
            {
                block.WriteByte(checked((byte)text.Length));
                block.Write(Encoding.Latin1.GetBytes(text));
            }
        }

        return block.ToArray();
    }

    /// <summary>The first field: of the static table, or a literal with its name there.</summary>
    private static string StatusOf(byte[] block) => block[0] switch
    {
        0x88 => "200",
        0x89 => "204",
        0x8A => "206",
        0x8B => "304",
        0x8C => "400",
        0x8D => "404",
        0x8E => "500",
        _ => Encoding.ASCII.GetString(block, 2, 3),
    };

    private static async Task WriteAsync(NetworkStream stream, byte type, int flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 8), (byte)payload.Length, type, (byte)flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }

    private static async Task<(byte Type, byte Flags, int Id, byte[] Payload)> ReadAsync(NetworkStream stream)
    {
        var head = new byte[9];
        await stream.ReadExactlyAsync(head);
        var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await stream.ReadExactlyAsync(payload);
        return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
    }
}
