using System.ComponentModel;
using Gateway.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Admin;

/// <summary>Making, showing, rotating and revoking API keys.</summary>
internal static class KeyEndpoints
{
    private const int MostListed = 1_000;
    private const int MostMetadata = 50;

    public static void MapKeys(this IEndpointRouteBuilder endpoints)
    {
        var keys = endpoints.MapGroup("/keys").WithTags("keys");
        keys.MapPost("", CreateAsync).WithSummary("Makes a key. Its text is in this answer and never shown again.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        keys.MapGet("", ListAsync).WithSummary("Lists keys, newest first, without their secrets.");
        keys.MapGet("/{id}", ShowAsync).WithSummary("Shows a key without its secret.");
        keys.MapPost("/{id}/rotation", RotateAsync).WithSummary("Gives a key a new secret; the one before stays good for a while.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        keys.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes a key: every node refuses it within a second.");
    }

    private static async Task<Results<Created<KeyView>, Ok<KeyView>, ValidationProblem>> CreateAsync(
        HttpContext context, [JsonBody] CreateKey body, KeyService keys, AuditLog audit, TimeProvider clock, RouteIds routes)
    {
        var wanted = body.Given();
        var mistakes = wanted.Check(routes, clock.GetUtcNow());
        if (mistakes.Count > 0) return TypedResults.ValidationProblem(mistakes);
        await audit.WriteAsync(context, "key.create", wanted.CustomerId!);
        var made = await keys.CreateAsync(wanted.ToRecord(), context.IdempotencyKey());
        var view = KeyView.Of(made, clock.GetUtcNow());
        if (made.Secret is null) return TypedResults.Ok(view);
        context.WhenAnswered(isDelivered => keys.AnsweredAsync(made, isDelivered));
        return TypedResults.Created($"/keys/{made.Record.Id}", view);
    }

    private static async Task<Ok<KeyView[]>> ListAsync(
        KeyService keys, TimeProvider clock, [Description("Only this customer's.")] string? customer, int offset = 0, int limit = 100)
    {
        var found = await keys.ListAsync(customer, Math.Max(0, offset), Math.Clamp(limit, 1, MostListed));
        return TypedResults.Ok(found.Select(r => KeyView.Of(r, clock.GetUtcNow())).ToArray());
    }

    private static async Task<Results<Ok<KeyView>, ProblemHttpResult>> ShowAsync(string id, KeyService keys, TimeProvider clock) =>
        await keys.FindAsync(id) is { } found ? TypedResults.Ok(KeyView.Of(found, clock.GetUtcNow())) : NoSuchKey(id);

    private static async Task<Results<Ok<KeyView>, ValidationProblem, ProblemHttpResult>> RotateAsync(
        HttpContext context, string id, KeyService keys, AuditLog audit, TimeProvider clock,
        [Description("Seconds the old secret stays good: 0 to 2,592,000.")] int overlapSeconds = 3_600)
    {
        if (overlapSeconds < 0 || overlapSeconds > KeyService.LongestOverlap.TotalSeconds)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["overlapSeconds"] = [$"is {overlapSeconds}, but must be from 0 to {KeyService.LongestOverlap.TotalSeconds}"],
            });
        }

        if (!KeyId.TryParse(id, out _)) return NoSuchKey(id);
        await audit.WriteAsync(context, "key.rotate", id);
        if (await keys.RotateAsync(id, TimeSpan.FromSeconds(overlapSeconds), context.IdempotencyKey()) is not { } rotated) return NoSuchKey(id);
        if (rotated.Secret is not null) context.WhenAnswered(isDelivered => keys.AnsweredAsync(rotated, isDelivered));
        return TypedResults.Ok(KeyView.Of(rotated, clock.GetUtcNow()));
    }

    private static async Task<Results<Ok<KeyView>, ProblemHttpResult>> RevokeAsync(
        HttpContext context, string id, KeyService keys, AuditLog audit, TimeProvider clock)
    {
        if (!KeyId.TryParse(id, out _)) return NoSuchKey(id);
        await audit.WriteAsync(context, "key.revoke", id);
        return await keys.RevokeAsync(id) is { } revoked ? TypedResults.Ok(KeyView.Of(revoked, clock.GetUtcNow())) : NoSuchKey(id);
    }

    /// <summary>What is no id is not in the audit log either.</summary>
    private static ProblemHttpResult NoSuchKey(string id) =>
        TypedResults.Problem(KeyId.TryParse(id, out _) ? $"There is no key '{id}', or it is revoked." : KeyId.IsNone, statusCode: 404);

    /// <param name="CustomerId">The customer at Paygentic who pays, cus_….</param>
    /// <param name="Name">For people, up to 100 characters.</param>
    /// <param name="Routes">Route ids it may use; none: all.</param>
    /// <param name="ExpiresAt">When it ends; left out: never.</param>
    /// <param name="RequestsPerSecond">1 to 1,000,000, with a burst of one second's worth, per node; left out: no limit.</param>
    /// <param name="MaxConcurrent">Requests at the same time, 1 to 1,000,000, per node; left out: no limit.</param>
    /// <param name="Metadata">Up to 50 of your own.</param>
    /// <param name="PaymentUrl">Where this customer can pay; shown in 402 answers.</param>
    internal sealed record CreateKey(
        string? CustomerId, string? Name, string[]? Routes, DateTimeOffset? ExpiresAt, int? RequestsPerSecond, int? MaxConcurrent,
        Dictionary<string, string>? Metadata, string? PaymentUrl)
    {
        public Dictionary<string, string[]> Check(RouteIds known, DateTimeOffset now)
        {
            var mistakes = new Mistakes();
            mistakes.Unless(CustomerId is { } c && AdminRequests.IsCustomerId(c), "customerId", "is required: the customer's id at Paygentic, 1 to 200 characters without white space");
            mistakes.Unless(Name is null or { Length: > 0 and <= 100 } && Name.IsPlain(), "name", "must have 1 to 100 characters, none of them a control character");
            foreach (var route in Routes ?? []) mistakes.Unless(route is not null && known.Contains(route), "routes", $"'{route}' is no route of this gateway");
            mistakes.Unless(ExpiresAt is null || ExpiresAt > now, "expiresAt", "is in the past");
            mistakes.Unless(RequestsPerSecond is null or (>= 1 and <= 1_000_000), "requestsPerSecond", "must be from 1 to 1,000,000");
            mistakes.Unless(MaxConcurrent is null or (>= 1 and <= 1_000_000), "maxConcurrent", "must be from 1 to 1,000,000");
            mistakes.Unless(Metadata is null or { Count: <= MostMetadata }, "metadata", $"may have up to {MostMetadata} entries");
            mistakes.Unless(
                PaymentUrl is null || (Uri.TryCreate(PaymentUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"), "paymentUrl", "must be an absolute http(s) URL");
            return mistakes.ToDictionary();
        }

        public KeyRecord ToRecord() => new()
        {
            Id = "",
            Sha256 = "",
            CreatedAt = default,
            CustomerId = CustomerId!,
            Name = Name,
            Routes = Routes ?? [],
            ExpiresAt = ExpiresAt,
            RequestsPerSecond = RequestsPerSecond,
            MaxConcurrent = MaxConcurrent,
            Metadata = Metadata,
            PaymentUrl = PaymentUrl,
        };
    }
}
