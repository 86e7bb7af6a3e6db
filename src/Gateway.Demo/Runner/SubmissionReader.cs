using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Demo.Runner;

/// <summary>Reads a submission as Judge0 takes it; what is wrong goes by field, each with its messages.</summary>
internal sealed class SubmissionReader(LanguageList languages, bool base64)
{
    private const double MaxCpuSeconds = 15;
    private const double MaxWallSeconds = 20;
    private const long MaxMemoryKilobytes = 512_000;

    private readonly JsonObject _errors = [];

    /// <summary>Null when it is wrong; <paramref name="errors"/> is then the body of the 422.</summary>
    public Submission? Read(JsonObject body, out JsonObject errors)
    {
        errors = _errors;
        var source = Text(body, "source_code");
        if (string.IsNullOrWhiteSpace(source) && !_errors.ContainsKey("source_code")) Wrong("source_code", "can't be blank");
        var language = Language(body);
        var cpu = Number(body, "cpu_time_limit", 5, MaxCpuSeconds);
        var wall = Number(body, "wall_time_limit", 10, MaxWallSeconds);
        var memory = (long)Math.Ceiling(Number(body, "memory_limit", 128_000, MaxMemoryKilobytes));
        var (stdin, expected) = (Text(body, "stdin"), Text(body, "expected_output"));
        return _errors.Count > 0 || language is null
            ? null
            : new Submission(source!, language, stdin ?? "", expected, Limit(cpu), Limit(wall), memory * 1024);
    }

    private Language? Language(JsonObject body)
    {
        // Judge0 reads "71" as 71.
        var text = body["language_id"] is { } value ? Written(value) : null;
        if (string.IsNullOrEmpty(text))
        {
            Wrong("language_id", "can't be blank");
            return null;
        }

        var language = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? languages.Find(id) : null;
        if (language is null) Wrong("language_id", $"language with id {text} doesn't exist");
        return language;
    }

    private string? Text(JsonObject body, string field)
    {
        if (body[field] is not { } value) return null;
        if (value.GetValueKind() != JsonValueKind.String || Written(value) is not { } text)
        {
            Wrong(field, "must be a string");
            return null;
        }

        if (!base64) return text;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text.Trim()));
        }
        catch (FormatException)
        {
            Wrong(field, "is not valid base64");
            return null;
        }
    }

    private double Number(JsonObject body, string field, double fallback, double most)
    {
        if (body[field] is not { } value) return fallback;
        if (double.TryParse(Written(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most) return number;
        Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be greater than 0 and less than or equal to {most}"));
        return fallback;
    }

    /// <summary>Never zero, which would be no limit at all.</summary>
    private static TimeSpan Limit(double seconds) => TimeSpan.FromMilliseconds(Math.Max(1, seconds * 1000));

    /// <summary>Null for a string that is no text: JSON can escape half a surrogate pair.</summary>
    private static string? Written(JsonNode value)
    {
        try
        {
            return value.ToString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void Wrong(string field, string message)
    {
        if (_errors[field] is JsonArray messages) messages.Add(message);
        else _errors[field] = new JsonArray(message);
    }
}
