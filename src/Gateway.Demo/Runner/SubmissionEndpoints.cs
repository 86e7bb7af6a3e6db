using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Demo.Runner;

internal sealed class SubmissionEndpoints(JobQueue queue, LanguageList languages)
{
    private const int MaxBatch = 20;

    // A name given twice would only throw later, when the object is first looked into.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/submissions", (RequestDelegate)CreateAsync);
        endpoints.MapPost("/submissions/batch", (RequestDelegate)CreateBatchAsync);
        endpoints.MapGet("/submissions/batch", (RequestDelegate)GetBatchAsync);
        endpoints.MapGet("/submissions/{token}", (RequestDelegate)(context => queue.Find((string)context.Request.RouteValues["token"]!) is { } job
            ? context.WriteAsync(200, Shown(context, job))
            : context.WriteAsync(404, new JsonObject { ["error"] = "not found" })));
    }

    private async Task CreateAsync(HttpContext context)
    {
        queue.CountReceived(1);
        if (await ReadAsync(context) is not JsonObject body)
        {
            await context.WriteAsync(400, new JsonObject { ["error"] = "the body is not a JSON object" });
            return;
        }

        if (new SubmissionReader(languages, IsSet(context, "base64_encoded")).Read(body, out var errors) is not { } submission)
        {
            await context.WriteAsync(422, errors);
            return;
        }

        if (queue.TryAdd(submission) is not { } job)
        {
            await context.WriteAsync(503, new JsonObject { ["error"] = "queue is full" });
            return;
        }

        if (IsSet(context, "wait"))
        {
            await job.Done.WaitAsync(context.RequestAborted);
            await context.WriteAsync(201, Shown(context, job));
            return;
        }

        await context.WriteAsync(201, new JsonObject { ["token"] = job.Token });
    }

    private async Task CreateBatchAsync(HttpContext context)
    {
        var list = (await ReadAsync(context) as JsonObject)?["submissions"] as JsonArray;
        queue.CountReceived(list?.Count ?? 0);
        if (list is null or { Count: 0 or > MaxBatch })
        {
            await context.WriteAsync(400, new JsonObject { ["error"] = $"number of submissions in a batch should be 1 to {MaxBatch}" });
            return;
        }

        var answers = new JsonArray();
        foreach (var item in list)
        {
            var submission = new SubmissionReader(languages, IsSet(context, "base64_encoded")).Read(item as JsonObject ?? [], out var errors);
            var job = submission is null ? null : queue.TryAdd(submission);
            answers.Add(job is not null ? new JsonObject { ["token"] = job.Token }
                : submission is null ? errors
                : new JsonObject { ["error"] = "queue is full" });
        }

        await context.WriteAsync(201, answers);
    }

    private Task GetBatchAsync(HttpContext context)
    {
        var tokens = context.Request.Query["tokens"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return context.WriteAsync(200, new JsonObject
        {
            ["submissions"] = new JsonArray([.. tokens.Select(t => queue.Find(t) is { } job ? (JsonNode)Shown(context, job) : null)]),
        });
    }

    private static JsonObject Shown(HttpContext context, Job job) => job.ToJson(context.Request.Query["fields"], IsSet(context, "base64_encoded"));

    private static bool IsSet(HttpContext context, string name) => context.Request.Query[name] == "true";

    private static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, documentOptions: Strict, cancellationToken: context.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
