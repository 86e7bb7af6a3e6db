using System.Buffers;

namespace Gateway.Pipeline;

/// <summary>The beginning of a request's body, read before the request is forwarded and put back, so that the upstream gets every byte.</summary>
/// <param name="Bytes">In an array of its own: the forwarder may still read from it after the request has ended.</param>
/// <param name="IsWhole">Whether there is no more.</param>
internal readonly record struct PeekedBody(byte[] Bytes, bool IsWhole)
{
    /// <param name="request">Whose body is read and put back.</param>
    /// <param name="atMost">Bytes.</param>
    /// <param name="cancellationToken">The client's going away.</param>
    public static async ValueTask<PeekedBody> ReadAsync(HttpRequest request, int atMost, CancellationToken cancellationToken)
    {
        var peeked = await ReadBytesAsync(request, atMost, cancellationToken);
        var beginning = new MemoryStream(peeked.Bytes, writable: false);
        request.Body = peeked.IsWhole ? beginning : new ContinuedBody(beginning, request.Body);
        return peeked;
    }

    private static async ValueTask<PeekedBody> ReadBytesAsync(HttpRequest request, int atMost, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } length && length <= atMost)
        {
            var exact = new byte[length];
            await request.Body.ReadExactlyAsync(exact, cancellationToken);
            return new PeekedBody(exact, IsWhole: true);
        }

        // One byte more than allowed tells a body that is too long from one that just fits.
        var buffer = ArrayPool<byte>.Shared.Rent(atMost + 1);
        try
        {
            var read = await request.Body.ReadAtLeastAsync(buffer.AsMemory(0, atMost + 1), atMost + 1, throwOnEndOfStream: false, cancellationToken);
            return new PeekedBody(buffer[..read], IsWhole: read <= atMost);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
