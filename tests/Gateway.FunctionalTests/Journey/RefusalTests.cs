using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Journey;

/// <summary>Every refusal that a client can provoke, on real sockets: explained, and the runner is not called.</summary>
public sealed class RefusalTests
{
    private const string Limited = "key_that_may_only_see_the_languages";

    [Fact]
    public async Task Every_refusal_is_a_problem_with_its_own_type_and_nothing_is_forwarded()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(WithLimitedKey);
        var requests = new (string Type, HttpStatusCode Status, HttpRequestMessage Request)[]
        {
            ("key-missing", HttpStatusCode.Unauthorized, Submission("{}", key: null)),
            ("key-missing", HttpStatusCode.Unauthorized, Submission("{}", key: null, "Authorization", "Basic dXNlcjpwYXNz")),
            ("key-unknown", HttpStatusCode.Unauthorized, Submission("{}", "a_key_that_nobody_was_ever_given")),
            ("route-not-allowed", HttpStatusCode.Forbidden, Submission("{}", Limited)),
            ("body-malformed", HttpStatusCode.BadRequest, Submission("{\"language_id\": 63")),
            ("body-malformed", HttpStatusCode.BadRequest, Submission("""{"language_id": 63, "language_id": 71}""")),
            ("body-malformed", HttpStatusCode.BadRequest, Submission("""{"language_id": "71 "}""")),
            ("body-malformed", HttpStatusCode.BadRequest, Submission("""{"language_id": [71]}""")),
            ("body-too-large", HttpStatusCode.RequestEntityTooLarge, Submission($$"""{"language_id": 63, "source_code": "{{new string('x', 70_000)}}"}""")),
            ("body-too-large", HttpStatusCode.RequestEntityTooLarge, Chunked($$"""{"language_id": 63, "source_code": "{{new string('x', 70_000)}}"}""")),
            ("body-unsupported", HttpStatusCode.UnsupportedMediaType, Typed("application/x-www-form-urlencoded", """{"language_id":63,"a":"&language_id=71"}""")),
            ("body-unsupported", HttpStatusCode.UnsupportedMediaType, Encoded()),
            ("route-unknown", HttpStatusCode.NotFound, new HttpRequestMessage(HttpMethod.Get, "/nothing/here.txt")),
        };

        using var client = Clients.For(gateway.Address, key: null);
        foreach (var (type, status, request) in requests)
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            await Problem.AssertAsync(answer, status, type);
        }

        // Two headers of one name: the client of the base library would join them.
        var twice = await RawHttp.ExchangeAsync(gateway.Address,
            $"GET /languages HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-API-Key: {World.Key}\r\nX-API-Key: {Limited}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401", twice, StringComparison.Ordinal);
        Assert.Contains("key-ambiguous", twice, StringComparison.Ordinal);

        Assert.Equal(0, await world.RunnerReceivedAsync());
        Assert.Equal(0, (await world.LedgerAsync()).Calls("POST /v0/entitlements"));
    }

    [Fact]
    public async Task Each_request_on_a_connection_is_served_by_its_own_key()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(WithLimitedKey);
        var sameLength = new string('x', World.Key.Length);
        var requests = new[] { World.Key, World.Key, sameLength, World.Key, sameLength, Limited, World.Key }.SelectMany((key, i) => new[]
        {
            $"GET /languages HTTP/1.1\r\nHost: h\r\nX-API-Key: {key}\r\n\r\n",
            $"GET /languages HTTP/1.1\r\nHost: h\r\nConnection: {(i < 6 ? "keep-alive" : "close")}\r\nAuthorization: Bearer {key}\r\n\r\n",
        });

        var answers = await RawHttp.ExchangeAsync(gateway.Address, string.Concat(requests));

        var statuses = System.Text.RegularExpressions.Regex.Matches(answers, @"HTTP/1\.1 (\d+)").Select(m => m.Groups[1].Value);
        Assert.Equal(["200", "200", "200", "200", "401", "401", "200", "200", "401", "401", "200", "200", "200", "200"], statuses);
    }

    [Fact]
    public async Task A_key_with_a_limit_is_told_to_come_back_later()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(WithLimitedKey);
        using var client = Clients.For(gateway.Address, Limited);

        HttpResponseMessage answer;
        do answer = await client.GetAsync("/languages", TestContext.Current.CancellationToken); while (answer.StatusCode == HttpStatusCode.OK);

        await Problem.AssertAsync(answer, HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        answer.Dispose();
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_in_time_is_504_and_costs_nothing()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(upstream.Address);
            root["ReverseProxy"]!["Clusters"]!["runner"]!["HttpRequest"] = new JsonObject { ["ActivityTimeout"] = "00:00:00.3" };
        });
        upstream.AnswerInTwoParts("|");

        using var answer = await gateway.Client.SubmitAsync("x");

        await Problem.AssertAsync(answer, HttpStatusCode.GatewayTimeout, "upstream-timeout");
        await gateway.StopAsync();
        Assert.Equal(0, (await world.LedgerAsync()).Charged);
    }

    [Fact]
    public async Task A_client_that_sends_slowly_takes_nothing_of_the_time_that_the_upstream_has()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
            root["ReverseProxy"]!["Clusters"]!["runner"]!["HttpRequest"] = new JsonObject { ["ActivityTimeout"] = "00:00:00.6" };
        });
        var rest = upstream.AnswerInTwoParts("HTTP/1.1 201 |Created\r\nContent-Length: 0\r\n\r\n");
        var stop = TestContext.Current.CancellationToken;
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, stop);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /submissions?wait=true HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {World.Key}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"), stop);

        for (var i = 0; i < 4; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop); // 0.8 s in all
            await stream.WriteAsync("x"u8.ToArray(), stop);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop);
        rest.SetResult();
        var head = await RawHttp.ReadHeadAsync(stream, stop);

        Assert.StartsWith("HTTP/1.1 201", head, StringComparison.Ordinal);
        await gateway.StopAsync();
        Assert.Equal(1, (await world.LedgerAsync()).Quantity("bm_basic"));
    }

    [Fact]
    public async Task A_route_s_own_time_limit_is_504_and_costs_nothing()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(upstream.Address);
            root["ReverseProxy"]!["Routes"]!["submissions"]!["Timeout"] = "00:00:00.3";
        });
        upstream.AnswerInTwoParts("|");

        using var answer = await gateway.Client.SubmitAsync("x");

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        await gateway.StopAsync();
        Assert.Equal(0, (await world.LedgerAsync()).Charged);
    }

    [Fact]
    public async Task The_admin_port_tells_health_to_all_and_state_to_who_has_the_token()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root => root["Gateway"]!["Admin"]!["Token"] = "a-long-admin-token");
        var token = TestContext.Current.CancellationToken;

        Assert.Equal(HttpStatusCode.OK, (await gateway.Admin.GetAsync("/healthz", token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Admin.GetAsync("/readyz", token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.Admin.GetAsync("/state", token)).StatusCode);
        gateway.Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-long-admin-token");
        Assert.Contains("\"eventsAccepted\":0", await gateway.Admin.GetStringAsync("/state", token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Client.GetAsync("/readyz", token)).StatusCode);
    }

    [Fact]
    public async Task Readiness_tells_why_Paygentic_sets_nothing_aside()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root => root["Gateway"]!["Paygentic"]!["ApiKey"] = "sk_test_nobodys");
        var token = TestContext.Current.CancellationToken;

        using var answer = await gateway.Client.SubmitAsync("1");

        await Problem.AssertAsync(answer, HttpStatusCode.ServiceUnavailable, "billing-unavailable");
        using var ready = await gateway.Admin.GetAsync("/readyz", token);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode); // another node would fare no better
        Assert.StartsWith("401", (await ready.JsonAsync())["checks"]!["paygentic"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static void WithLimitedKey(JsonObject root) => root["Gateway"]!["ApiKeys"]!["Static"]!.AsArray().Add(new JsonObject
    {
        ["Key"] = Limited,
        ["CustomerId"] = World.Customer,
        ["Routes"] = new JsonArray("languages"),
        ["RequestsPerSecond"] = 2,
    });

    private static HttpRequestMessage Submission(string body, string? key = World.Key, string? header = null, string? value = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/submissions?wait=true") { Content = Clients.Json(body) };
        if (key is not null) request.Headers.Add("X-API-Key", key);
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    private static HttpRequestMessage Chunked(string body)
    {
        var request = Submission(body);
        request.Headers.TransferEncodingChunked = true;
        return request;
    }

    private static HttpRequestMessage Typed(string contentType, string body)
    {
        var request = Submission(body);
        request.Content = new StringContent(body, Encoding.UTF8, contentType);
        return request;
    }

    private static HttpRequestMessage Encoded()
    {
        var request = Submission("{}");
        request.Content!.Headers.ContentEncoding.Add("gzip");
        return request;
    }
}
