using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Demo.Runner;

/// <summary>A job as Judge0 shows it.</summary>
internal static class ResultJson
{
    private static readonly string[] DefaultFields = ["stdout", "time", "memory", "stderr", "token", "compile_output", "message", "status"];

    public static readonly IReadOnlyList<(Verdict Verdict, string Description)> Statuses =
    [
        (Verdict.InQueue, "In Queue"), (Verdict.Processing, "Processing"), (Verdict.Accepted, "Accepted"), (Verdict.WrongAnswer, "Wrong Answer"),
        (Verdict.TimeLimitExceeded, "Time Limit Exceeded"), (Verdict.CompilationError, "Compilation Error"),
        (Verdict.RuntimeError, "Runtime Error (NZEC)"), (Verdict.InternalError, "Internal Error"),
    ];

    public static JsonObject Status(Verdict verdict) => new()
    {
        ["id"] = (int)verdict,
        ["description"] = Statuses.First(s => s.Verdict == verdict).Description,
    };

    /// <param name="fields">The query's <c>fields</c>: names with commas between, <c>*</c> for all, null for the default ones.</param>
    public static JsonObject ToJson(this Job job, string? fields, bool base64)
    {
        var (submission, result) = (job.Submission, job.Result);
        var names = fields is null ? DefaultFields
            : fields == "*" ? [.. DefaultFields, "source_code", "language_id", "stdin", "expected_output"]
            : fields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var json = new JsonObject();
        foreach (var name in names.Distinct())
        {
            json[name] = name switch
            {
                "token" => job.Token,
                "time" => result.Elapsed?.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture),
                "memory" => result.MemoryKilobytes,
                "stdout" => Text(result.Stdout, base64),
                "stderr" => Text(result.Stderr, base64),
                "compile_output" => Text(result.CompileOutput, base64),
                "message" => Text(result.Message, base64),
                "status" => Status(result.Verdict),
                "source_code" => Text(submission.SourceCode, base64),
                "language_id" => submission.Language.Id,
                "stdin" => Text(submission.Stdin, base64),
                "expected_output" => Text(submission.ExpectedOutput, base64),
                _ => null,
            };
        }

        return json;
    }

    private static string? Text(string? text, bool base64) =>
        text is null || !base64 ? text : Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
