using System.Buffers.Binary;

namespace Gateway.Model;

/// <summary>A request's id: a UUID of version 7. Nobody guards anything by one, so its random part needs no call to the system.</summary>
/// <param name="value">The id itself.</param>
internal readonly struct RequestId(Guid value)
{
    public Guid Value { get; } = value;

    /// <summary>As headers have it: made once, for the upstream, the client and the receipt.</summary>
    public string Text { get; } = GatewayHeaders.Format(value);

    public static implicit operator Guid(RequestId id) => id.Value;

    public static RequestId New(DateTimeOffset now)
    {
        const ulong Version = 0x7000;
        const ulong Variant = 0x8000_0000_0000_0000;
        Span<byte> id = stackalloc byte[16];
        var (first, second) = ((ulong)Random.Shared.NextInt64(), (ulong)Random.Shared.NextInt64());
        BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)now.ToUnixTimeMilliseconds() << 16) | Version | (first & 0x0FFF));
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], Variant | (second & 0x3FFF_FFFF_FFFF_FFFF));
        return new RequestId(new Guid(id, bigEndian: true));
    }

    public override string ToString() => Text;
}
