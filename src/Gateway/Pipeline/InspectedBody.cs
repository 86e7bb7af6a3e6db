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

        var (bytes, isWhole) = await PeekedBody.ReadAsync(request, maxBytes, context.RequestAborted);
        if (!isWhole) return (default, TooLarge(maxBytes));
        if (bytes.Length > 0 && !IsJson(request.ContentType))
            return (default, new Refusal(Denial.BodyUnsupported, "The price depends on the body: send it as Content-Type: application/json."));
        var values = fields.Read(bytes);
        return values.Error is { } error ? (default, new Refusal(Denial.BodyMalformed, error)) : (values, null);
    }

    private static Refusal TooLarge(int maxBytes) => new(Denial.BodyTooLarge, $"The price depends on the body; up to {maxBytes} bytes are looked at.");

    /// <summary>
    /// What is JSON here must be JSON to the upstream: a form can be written so that it is valid JSON and says something else; <c>application/x+json</c> is a body that Rails does not look at; and of
    /// two charsets Express takes the last.
    /// </summary>
    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && type.Parameters.Count(p => p.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) <= 1
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static bool IsIdentity(string? encoding) => string.IsNullOrEmpty(encoding) || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
