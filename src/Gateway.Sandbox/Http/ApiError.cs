using System.Text.Json.Serialization;

namespace Gateway.Sandbox.Http;

/// <summary>A refusal, in the shapes of Paygentic's schema: Error, or ValidationError where fields are named.</summary>
internal sealed class ApiError(int status, string error, string message, string? code = null, IReadOnlyList<FieldError>? fields = null)
{
    public int Status { get; } = status;

    public string Message { get; } = message;

    public string? Code { get; } = code;

    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        return fields is null
            ? context.Response.WriteAsJsonAsync(new ErrorBody(error, Message, Code, null), ErrorJson.Default.ErrorBody)
            : context.Response.WriteAsJsonAsync(new ValidationErrorBody("validation_error", Message, fields), ErrorJson.Default.ValidationErrorBody);
    }

    public static ApiError Invalid(IReadOnlyList<FieldError> fields) => new(400, "validation_error", "The request is not valid.", null, fields);

    public static ApiError Invalid(string field, string message) => Invalid([new FieldError(field, message, "invalid")]);

    public static ApiError BadRequest(string code, string message) => new(400, "bad_request", message, code);

    public static ApiError Unauthorized(string message) => new(401, "unauthorized", message);

    public static ApiError Forbidden(string message, string? code = null) => new(403, "forbidden", message, code);

    public static ApiError NotFound(string what) => new(404, "not_found", $"{what} not found.");

    public static ApiError Conflict(string message) => new(409, "conflict", message);

    public static ApiError NoFunds(string message) => Forbidden(message, "INSUFFICIENT_FUNDS");
}

internal sealed record FieldError(string Field, string Message, string Code);

internal sealed record ErrorBody(string Error, string Message, string? Code, object? Details);

internal sealed record ValidationErrorBody(string Error, string Message, IReadOnlyList<FieldError> Errors);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ValidationErrorBody))]
internal sealed partial class ErrorJson : JsonSerializerContext;
