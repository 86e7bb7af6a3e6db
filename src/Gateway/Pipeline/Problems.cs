using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Forwarding;
using Gateway.Model;

namespace Gateway.Pipeline;

/// <summary>The answer to every <see cref="Denial"/>: problem details (RFC 9457) with a type that never changes.</summary>
internal static class Problems
{
    public const string TypePrefix = "urn:metering-gateway:problem:";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Status, type and title of a refusal; the same for every request.</summary>
    public static ProblemKind KindOf(Denial denial) => denial switch
    {
        Denial.KeyMissing => new(401, "key-missing", "An API key is needed"),
        Denial.KeyAmbiguous => new(401, "key-ambiguous", "More than one API key in one place"),
        Denial.KeyUnknown => new(401, "key-unknown", "The API key is not valid"),
        Denial.KeyExpired => new(401, "key-expired", "The API key has expired"),
        Denial.KeyUndecided => new(503, "key-undecided", "It can not be decided now whether the API key is valid", Soon),
        Denial.PaymentPending => new(402, "payment-pending", "The subscription of this API key is not paid for yet"),
        Denial.RouteNotAllowed => new(403, "route-not-allowed", "The API key may not use this route"),
        Denial.RateLimited => new(429, "rate-limited", "Too many requests for this API key", Soon),
        Denial.TooManyAtOnce => new(429, "too-many-at-once", "Too many requests at the same time for this API key", Soon),
        Denial.BodyTooLarge => new(413, "body-too-large", "The request body is too large to be priced"),
        Denial.BodyMalformed => new(400, "body-malformed", "The request can not be priced"),
        Denial.BodyUnsupported => new(415, "body-unsupported", "A request body of this kind can not be priced"),
        Denial.IdempotencyKeyMalformed => new(400, "idempotency-key-malformed", "Idempotency-Key has to be one value of 1 to 255 characters"),
        Denial.IdempotencyKeyReused => new(422, "idempotency-key-reused", "This Idempotency-Key was given to another request"),
        Denial.IdempotencyRunning => new(409, "idempotency-running", "A request under this Idempotency-Key is under way", Soon),
        Denial.IdempotencyExhausted => new(409, "idempotency-exhausted", "The request of this Idempotency-Key was repeated as often as is allowed"),
        Denial.IdempotencyUndecided => new(503, "idempotency-undecided", "It can not be decided now whether this request was charged before", Soon),
        Denial.NoFunds => new(402, "no-funds", "There are no funds for this request"),
        Denial.BillingUnavailable => new(503, "billing-unavailable", "It can not be decided now whether this request is paid for", Soon),
        Denial.JournalUnavailable => new(503, "journal-unavailable", "Charges can not be recorded now", TimeSpan.FromSeconds(5)),
        Denial.RouteNotConfigured => new(503, "route-not-configured", "This route has no price", TimeSpan.FromSeconds(60)),
        Denial.RouteUnknown => new(404, "route-unknown", "There is nothing at this address"),
        Denial.MethodRefused => new(405, "method-refused", "The gateway does not forward this method"),
        Denial.RequestAmbiguous => new(400, "request-ambiguous", "The request can be read in more than one way"),
        Denial.UpstreamUnavailable => new(502, "upstream-unavailable", "The API behind the gateway did not answer"),
        Denial.UpstreamTimeout => new(504, "upstream-timeout", "The API behind the gateway did not answer in time"),
        Denial.ShuttingDown => new(503, "shutting-down", "The gateway is about to stop", Soon),
        _ => throw new ArgumentOutOfRangeException(nameof(denial), denial, message: null),
    };

    /// <summary>Why an answer is ended that goes on.</summary>
    public static CutReason CutReasonOf(Denial denial)
    {
        var kind = KindOf(denial);
        var (grpcStatus, closeCode) = denial switch
        {
            Denial.NoFunds => (8, 1008),
            Denial.ShuttingDown => (14, 1001),
            _ => (14, 1013),
        };
        return new CutReason(TypePrefix + kind.Type, kind.Title, grpcStatus, closeCode);
    }

    /// <summary>The reason as a server-sent event.</summary>
    public static byte[] EventOf(CutReason reason, RequestId requestId)
    {
        var problem = new Problem(reason.ProblemType, reason.Title, null, null, requestId.Text, null, null);
        return Encoding.UTF8.GetBytes($"event: error\ndata: {JsonSerializer.Serialize(problem, ProblemJson.Readable.Problem)}\n\n");
    }

    public static Task WriteAsync(HttpContext context, Denial denial, RequestId requestId, ProblemDetail detail = default)
    {
        var kind = KindOf(denial);
        var response = context.Response;
        response.StatusCode = kind.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers[GatewayHeaders.RequestId] = requestId.Text;
        if (kind.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer realm=\"gateway\"";
        if ((detail.RetryAfter ?? kind.RetryAfter) is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var problem = new Problem(
            TypePrefix + kind.Type, kind.Title, kind.Status, detail.Text, requestId.Text, detail.Missing, detail.PaymentUrl);
        return response.WriteAsJsonAsync(problem, ProblemJson.Readable.Problem, "application/problem+json", context.RequestAborted);
    }
}

/// <param name="RetryAfter">What the <c>Retry-After</c> header says, or null for none.</param>
internal readonly record struct ProblemKind(int Status, string Type, string Title, TimeSpan? RetryAfter = null);

/// <summary>What is said of one request beyond its <see cref="ProblemKind"/>. Never holds a key or anything of the body.</summary>
internal readonly record struct ProblemDetail(
    string? Text = null, MissingUnits? Missing = null, string? PaymentUrl = null, TimeSpan? RetryAfter = null);

/// <summary>What a customer without funds would have needed.</summary>
internal sealed record MissingUnits(string Metric, string Unit, long Quantity);

internal sealed record Problem(
    string Type, string Title, int? Status, string? Detail, string RequestId, MissingUnits? Missing, string? PaymentUrl);

[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    /// <summary>Leaves quotes and the like as they are: this is read by people, and never inside HTML.</summary>
    public static ProblemJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
