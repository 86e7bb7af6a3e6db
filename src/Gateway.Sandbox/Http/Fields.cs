using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Sandbox.Http;

/// <summary>Reads a request's JSON object field by field and collects everything that is wrong with it.</summary>
internal sealed class Fields(JsonObject body)
{
    private readonly List<FieldError> _errors = [];

    /// <summary>Null when every field that was read is right.</summary>
    public ApiError? Error => _errors.Count == 0 ? null : ApiError.Invalid(_errors);

    /// <summary>The body, or null when it is not a JSON object; the answer then says so.</summary>
    public static async Task<Fields?> ReadAsync(HttpContext context)
    {
        try
        {
            if (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) is JsonObject body) return new Fields(body);
        }
        catch (JsonException)
        {
            // answered below, as anything else that is no object
        }

        await ApiError.Invalid("body", "must be a JSON object").WriteAsync(context);
        return null;
    }

    public string Text(string name) => OptionalText(name) ?? Missing(name, "");

    public string? OptionalText(string name)
    {
        if (Value(name) is not { } value) return null;
        if (value.GetValueKind() == JsonValueKind.String) return value.GetValue<string>();
        Wrong(name, "must be a string");
        return null;
    }

    public long OptionalInteger(string name, long fallback, long least, long most)
    {
        if (Value(name) is not { } value) return fallback;
        if (value is JsonValue number && number.TryGetValue<long>(out var whole) && whole >= least && whole <= most) return whole;
        Wrong(name, $"must be an integer from {least} to {most}");
        return fallback;
    }

    public DateTimeOffset Time(string name)
    {
        if (Value(name) is { } value && value is JsonValue text && text.TryGetValue<DateTimeOffset>(out var time)) return time;
        Wrong(name, "must be an ISO 8601 time");
        return default;
    }

    public long? OptionalAmount(string name)
    {
        if (OptionalText(name) is not { } text) return null;
        if (Money.Amount.TryParse(text, out var amount)) return amount;
        Wrong(name, "must be a decimal string with at most nine decimals");
        return null;
    }

    public Fields? OptionalObject(string name) => Value(name) is JsonObject inner ? new Fields(inner) : null;

    public IReadOnlyList<JsonNode?> List(string name) => Value(name) is JsonArray list ? [.. list] : [];

    public JsonObject Copy() => body.DeepClone().AsObject();

    public JsonNode? Value(string name) => body.TryGetPropertyValue(name, out var value) ? value : null;

    public void Wrong(string name, string message) => _errors.Add(new FieldError(name, message, "invalid"));

    private string Missing(string name, string fallback)
    {
        if (Value(name) is null) _errors.Add(new FieldError(name, "is required", "required"));
        return fallback;
    }
}
