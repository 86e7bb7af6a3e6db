using System.Text.Json.Nodes;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Pipeline;

public sealed class ProblemsTests
{
    public static TheoryData<string, int, string> Table { get; } = new()
    {
        { nameof(Denial.KeyMissing), 401, "key-missing" },
        { nameof(Denial.KeyAmbiguous), 401, "key-ambiguous" },
        { nameof(Denial.KeyUnknown), 401, "key-unknown" },
        { nameof(Denial.KeyExpired), 401, "key-expired" },
        { nameof(Denial.KeyUndecided), 503, "key-undecided" },
        { nameof(Denial.PaymentPending), 402, "payment-pending" },
        { nameof(Denial.TooManyAtOnce), 429, "too-many-at-once" },
        { nameof(Denial.RouteNotAllowed), 403, "route-not-allowed" },
        { nameof(Denial.RateLimited), 429, "rate-limited" },
        { nameof(Denial.BodyTooLarge), 413, "body-too-large" },
        { nameof(Denial.BodyMalformed), 400, "body-malformed" },
        { nameof(Denial.BodyUnsupported), 415, "body-unsupported" },
        { nameof(Denial.IdempotencyKeyMalformed), 400, "idempotency-key-malformed" },
        { nameof(Denial.IdempotencyKeyReused), 422, "idempotency-key-reused" },
        { nameof(Denial.IdempotencyRunning), 409, "idempotency-running" },
        { nameof(Denial.IdempotencyExhausted), 409, "idempotency-exhausted" },
        { nameof(Denial.IdempotencyUndecided), 503, "idempotency-undecided" },
        { nameof(Denial.NoFunds), 402, "no-funds" },
        { nameof(Denial.BillingUnavailable), 503, "billing-unavailable" },
        { nameof(Denial.JournalUnavailable), 503, "journal-unavailable" },
        { nameof(Denial.RouteNotConfigured), 503, "route-not-configured" },
        { nameof(Denial.RouteUnknown), 404, "route-unknown" },
        { nameof(Denial.MethodRefused), 405, "method-refused" },
        { nameof(Denial.RequestAmbiguous), 400, "request-ambiguous" },
        { nameof(Denial.UpstreamUnavailable), 502, "upstream-unavailable" },
        { nameof(Denial.UpstreamTimeout), 504, "upstream-timeout" },
        { nameof(Denial.ShuttingDown), 503, "shutting-down" },
    };

    [Fact]
    public void Every_denial_is_in_the_table() =>
        Assert.Equal(Enum.GetNames<Denial>().Order(), Table.Select(row => row.Data.Item1).Order());

    [Theory, MemberData(nameof(Table))]
    public async Task A_denial_is_a_problem_with_its_status_and_type(string denial, int status, string type)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        var requestId = new Gateway.Model.RequestId(Guid.NewGuid());

        await Problems.WriteAsync(context, Enum.Parse<Denial>(denial), requestId, new ProblemDetail("It's \"so\"."));

        context.Response.Body.Position = 0;
        var problem = (await JsonNode.ParseAsync(context.Response.Body, cancellationToken: TestContext.Current.CancellationToken))!;
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        Assert.Equal("urn:metering-gateway:problem:" + type, problem["type"]!.GetValue<string>());
        Assert.Equal(status, problem["status"]!.GetValue<int>());
        Assert.Equal("It's \"so\".", problem["detail"]!.GetValue<string>());
        Assert.Equal(requestId.Value.ToString("N"), problem["requestId"]!.GetValue<string>());
        Assert.Equal(requestId.Value.ToString("N"), context.Response.Headers["X-Request-Id"]);
        Assert.Equal("no-store", context.Response.Headers.CacheControl);
        Assert.Equal(status is 429 or 503 || type == "idempotency-running", context.Response.Headers.RetryAfter.Count == 1);
        Assert.Equal(status == 401, context.Response.Headers.WWWAuthenticate.Count == 1);
        Assert.Null(problem["missing"]);
    }
}
