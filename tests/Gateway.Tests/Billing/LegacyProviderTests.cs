using System.Net;
using System.Text.Json.Nodes;
using Gateway.Billing;
using Gateway.Billing.Paygentic;
using Gateway.Model;

namespace Gateway.Tests.Billing;

public sealed class LegacyProviderTests
{
    private static readonly PaygenticOptions Options = new() { BaseUrl = "http://paygentic.test/", ApiKey = "sk_test_1", MerchantId = "org_1" };
    private static readonly GrantRequest Ten = new(new CustomerId("cus_1"), "bm_1", 10, 10);

    [Fact]
    public async Task A_grant_asks_for_units_and_uses_and_takes_what_it_is_told()
    {
        var server = new Server(HttpStatusCode.Created, date: new DateTimeOffset(2030, 1, 2, 2, 4, 5, TimeSpan.Zero), answer: """
            {"id":"com_x y","object":"entitlement","expiresAt":"2030-01-02T03:04:05.678Z","maxUses":4,"region":null,"remainingBalance":null,"new":{"a":1}}
            """);

        var result = await Provider(server).GrantAsync(Ten, TestContext.Current.CancellationToken);

        // What is left of it is told by the server's own clock, whatever this machine's says.
        Assert.Equal(new Entitlement(new EntitlementId("com_x y"), 10, 4, TimeSpan.FromMilliseconds(3_600_678)), result.Entitlement);
        Assert.Equal("POST http://paygentic.test/v0/entitlements Bearer sk_test_1 application/json", server.Asked);
        Assert.Equal(
            """{"merchantId":"org_1","customerId":"cus_1","entitlementData":[{"billableMetricId":"bm_1","quantity":10}],"maxUses":10}""", server.Body);
    }

    [Theory]
    [InlineData(403, """{"error":"forbidden","message":"no"}""", "NoFunds")]
    [InlineData(402, "", "NoFunds")]
    [InlineData(400, """{"error":"bad_request","message":"no","code":"INSUFFICIENT_FUNDS"}""", "NoFunds")]
    [InlineData(400, """{"error":"validation_error","message":"no","errors":[{"field":"maxUses","message":"too many","code":null},null]}""", "Refused")]
    [InlineData(401, "<html>", "Refused")]
    [InlineData(404, "{}", "Refused")]
    [InlineData(429, "", "Refused")]
    [InlineData(408, "", "Ambiguous")]
    [InlineData(500, "", "Ambiguous")]
    [InlineData(502, "<html>", "Ambiguous")]
    [InlineData(201, "{\"id\":\"ent_1\",", "Ambiguous")]
    [InlineData(201, """{"id":null,"expiresAt":"2030-01-01T00:00:00Z"}""", "Ambiguous")]
    [InlineData(201, """{"id":"ent_1","expiresAt":null}""", "Ambiguous")]
    public async Task What_an_answer_to_a_grant_means(int status, string body, string outcome)
    {
        var result = await Provider(new Server((HttpStatusCode)status, body)).GrantAsync(Ten, TestContext.Current.CancellationToken);

        Assert.Equal(outcome, result.Outcome.ToString());
        Assert.DoesNotContain("sk_test_1", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_never_was_reserved_nothing_but_one_that_broke_may_have()
    {
        var never = new Server(new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        var broken = new Server(new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));

        Assert.Equal(GrantOutcome.Refused, (await Provider(never).GrantAsync(Ten, TestContext.Current.CancellationToken)).Outcome);
        Assert.Equal(GrantOutcome.Ambiguous, (await Provider(broken).GrantAsync(Ten, TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact]
    public async Task An_event_is_sent_with_its_key_time_entitlement_and_metadata()
    {
        var server = new Server(HttpStatusCode.Created, """{"id":"usg_1","idempotencyKey":null,"billing":null}""");

        var results = await Provider(server).RecordAsync([Event("k-0")], TestContext.Current.CancellationToken);

        Assert.Equal(EventOutcome.Accepted, Assert.Single(results).Outcome);
        Assert.StartsWith("POST http://paygentic.test/v0/usage ", server.Asked, StringComparison.Ordinal);
        Assert.Equal(
            """{"idempotencyKey":"k-0","customerId":"cus_1","merchantId":"org_1","timestamp":"2030-01-01T00:00:00.000Z","properties":[{"billableMetricId":"bm_1","quantity":3}],"entitlementId":"ent_1","metadata":{"requestId":"00000000000000000000000000000000","route":"submissions"}}""",
            server.Body);
    }

    /// <summary>What is taken for accepted is never sent again: the charge would be lost.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"message":"try again later"}""")]
    [InlineData("""{"id":"usg_1","idempotencyKey":"another"}""")]
    public async Task An_answer_that_is_not_this_event_accepts_none(string answer)
    {
        var result = Assert.Single(await Provider(new Server(HttpStatusCode.OK, answer)).RecordAsync([Event("k-0")], TestContext.Current.CancellationToken));

        Assert.Equal((EventOutcome.Retry, "an answer that is not the event"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task An_event_without_an_entitlement_has_no_such_field()
    {
        var server = new Server(HttpStatusCode.Created, """{"id":"usg_1"}""");

        await Provider(server).RecordAsync([Event("k-0") with { Entitlement = null }], TestContext.Current.CancellationToken);

        Assert.DoesNotContain("entitlementId", server.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "Refused")]
    [InlineData(403, "Refused")]
    [InlineData(404, "Refused")]
    [InlineData(413, "Refused")]
    [InlineData(422, "Refused")]
    [InlineData(401, "Retry")]
    [InlineData(408, "Retry")]
    [InlineData(429, "Retry")]
    [InlineData(500, "Retry")]
    [InlineData(503, "Retry")]
    public async Task What_a_refusal_of_usage_means(int status, string outcome)
    {
        var provider = Provider(new Server((HttpStatusCode)status, """{"error":"x","message":"why","code":"CODE"}""", "7"));

        var one = Assert.Single(await provider.RecordAsync([Event("a")], TestContext.Current.CancellationToken));
        var two = await provider.RecordAsync([Event("a"), Event("b")], TestContext.Current.CancellationToken);

        Assert.Equal((outcome, status, $"{status} CODE why"), (one.Outcome.ToString(), one.StatusCode, one.Reason));
        Assert.Equal(one.Outcome == EventOutcome.Retry ? TimeSpan.FromSeconds(7) : null, one.RetryAfter);
        Assert.All(two, r => Assert.Equal(one, r));
    }

    [Fact]
    public async Task A_mixed_batch_is_told_apart_by_key_and_what_is_not_mentioned_is_asked_again()
    {
        var server = new Server((HttpStatusCode)207, """
            {"object":"batchUsageEvents","successful":[{"id":"usg_1","idempotencyKey":"c"},null,{"id":"usg_2","idempotencyKey":"a"}],
             "failed":[{"index":1,"error":"bad","idempotencyKey":"b"},null],"summary":null}
            """);

        var results = await Provider(server).RecordAsync([Event("a"), Event("b"), Event("c"), Event("d")], TestContext.Current.CancellationToken);

        Assert.Equal(
            [(EventOutcome.Accepted, ""), (EventOutcome.Retry, "bad"), (EventOutcome.Accepted, ""), (EventOutcome.Retry, "not mentioned in the answer")],
            results.Select(r => (r.Outcome, r.Reason)));
        Assert.Equal(4, JsonNode.Parse(server.Body)!["events"]!.AsArray().Count);
    }

    private static LegacyProvider Provider(Server server)
    {
        var http = new HttpClient(server);
        PaygenticClient.Configure(http, Options);
        return new LegacyProvider(new PaygenticClient(http, TimeProvider.System), Options, TimeProvider.System);
    }

    private static UsageEvent Event(string key) => new(
        key, Guid.Empty, 0, new CustomerId("cus_1"), "bm_1", new EntitlementId("ent_1"), 3, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), "submissions");

    /// <summary>Answers everything the same.</summary>
    private sealed class Server(HttpStatusCode status, string answer, string? retryAfter = null, DateTimeOffset? date = null) : HttpMessageHandler
    {
        private readonly Exception? _failure;

        public Server(Exception failure)
            : this(HttpStatusCode.OK, "") => _failure = failure;

        public string Asked { get; private set; } = "";

        public string Body { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = $"{request.Method} {request.RequestUri} {request.Headers.Authorization} {request.Content!.Headers.ContentType}";
            Body = await request.Content.ReadAsStringAsync(cancellationToken);
            if (_failure is not null) throw _failure;
            var response = new HttpResponseMessage(status) { Content = new StringContent(answer) };
            if (retryAfter is not null) response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            response.Headers.Date = date;
            return response;
        }
    }
}
