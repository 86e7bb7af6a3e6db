using System.Buffers;
using Gateway.Pricing;
using Microsoft.Net.Http.Headers;

namespace Gateway.Pipeline;

/// <summary>Reads as much of a request's body as its price depends on, and puts it back so that the upstream gets every byte.</summary>
internal static class InspectedBody
{
    public readonly record struct Refusal(Denial Denial, string? Detail);

    public static ValueTask<(BodyValues Values, Refusal? Refused)> ReadAsync(HttpContext context, RouteRule rule, int maxBytes) =>
        rule.BodyFields is null ? ValueTask.FromResult<(BodyValues, Refusal?)>((default, null)) : ReadFieldsAsync(context, rule.BodyFields, maxBytes);

    private static async ValueTask<(BodyValues Values, Refusal? Refused)> ReadFieldsAsync(HttpContext context, BodyFields fields, int maxBytes)
    {
        var request = context.Request;
        if (request.ContentLength > maxBytes) return (default, TooLarge(maxBytes));
        if (request.Headers.TryGetValue(HeaderNames.ContentEncoding, out var encoding) && encoding.Any(e => !IsIdentity(e)))
            return (default, new Refusal(Denial.BodyUnsupported, "The price depends on the body: send it without Content-Encoding."));

        var bytes = await ReadBytesAsync(request, maxBytes, context.RequestAborted);
        if (bytes is null) return (default, TooLarge(maxBytes));
        request.Body = new MemoryStream(bytes, writable: false);
        if (bytes.Length > 0 && !IsJson(request.ContentType))
            return (default, new Refusal(Denial.BodyUnsupported, "The price depends on the body: send it as Content-Type: application/json."));
        var values = fields.Read(bytes);
        return values.Error is { } error ? (default, new Refusal(Denial.BodyMalformed, error)) : (values, null);
    }

    /// <summary>The whole body in an array of its own: the forwarder may still read from it after the request has ended. Null: too long.</summary>
    private static async Task<byte[]?> ReadBytesAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength is { } length)
        {
            var exact = new byte[length];
            await request.Body.ReadExactlyAsync(exact, cancellationToken);
            return exact;
        }

        // One byte more than allowed tells a body that is too long from one that just fits.
        var buffer = ArrayPool<byte>.Shared.Rent(maxBytes + 1);
        try
        {
            var read = await request.Body.ReadAtLeastAsync(buffer.AsMemory(0, maxBytes + 1), maxBytes + 1, throwOnEndOfStream: false, cancellationToken);
            return read > maxBytes ? null : buffer[..read];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Refusal TooLarge(int maxBytes) => new(Denial.BodyTooLarge, $"The price depends on the body; up to {maxBytes} bytes are looked at.");

    /// <summary>What is JSON here must be JSON to the upstream: a form can be written so that it is valid JSON and says something else.</summary>
    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static bool IsIdentity(string? encoding) => string.IsNullOrEmpty(encoding) || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
