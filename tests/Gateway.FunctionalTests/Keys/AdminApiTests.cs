using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Keys;

public sealed class AdminApiTests
{
    private static readonly string[] OnlySubmissions = ["submissions"];
    private static readonly string[] Nowhere = ["nowhere"];

    [Fact]
    public async Task A_key_is_made_shown_listed_rotated_and_revoked_and_every_change_is_in_the_audit_log()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (status, made) = await admin.PostAsync("/keys", new { customerId = World.Customer, name = "laptop", routes = OnlySubmissions, metadata = new { team = "a" } });
        Assert.True(status == 201, made.ToJsonString());
        var (id, secret) = (made["id"]!.GetValue<string>(), made["key"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Created, await SubmitAsync(gateway, secret));
        using (var elsewhere = Clients.For(gateway.Address, secret))
        using (var refused = await elsewhere.GetAsync("/languages/", TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        var shown = (await admin.GetAsync($"/keys/{id}")).Body;
        Assert.Equal(("laptop", "live", null), (shown["name"]!.GetValue<string>(), shown["status"]!.GetValue<string>(), shown["key"]));
        Assert.DoesNotContain(secret, (await admin.GetAsync("/keys?customer=" + World.Customer)).Body.ToJsonString(), StringComparison.Ordinal);

        var (rotatedStatus, rotated) = await admin.PostAsync($"/keys/{id}/rotation?overlapSeconds=0");
        Assert.Equal(200, rotatedStatus);
        await RefusedSoonAsync(gateway, secret);
        Assert.Equal(HttpStatusCode.Created, await SubmitAsync(gateway, rotated["key"]!.GetValue<string>()));

        var (deleted, revoked) = await admin.DeleteAsync($"/keys/{id}");
        Assert.Equal((200, "revoked"), (deleted, revoked["status"]!.GetValue<string>()));
        await RefusedSoonAsync(gateway, rotated["key"]!.GetValue<string>());

        var audit = (await admin.GetAsync("/audit")).Body.AsArray();
        Assert.Equal(["key.revoke", "key.rotate", "key.create"], audit.Select(e => e!["action"]!.GetValue<string>()));
        Assert.DoesNotContain(secret, audit.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issued_key_does_not_reach_the_upstream_though_it_has_expired_or_redis_is_away()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using var api = new Upstream();
        api.Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await world.StartGatewayAsync(root => root.UseUpstream(api.Address));
        var keys = gateway.Services.GetRequiredService<KeyService>();
        var wanted = KeyBench.Wanted(World.Customer);
        var (expired, other) = (await keys.CreateAsync(wanted with { ExpiresAt = TimeProvider.System.GetUtcNow() }, null), await keys.CreateAsync(wanted, null));

        await GetAsync(expired.Secret!);
        await world.StopRedisAsync();
        await GetAsync(other.Secret!);
        await GetAsync("the-upstreams-own");

        Assert.Equal(3, api.Requests.Count);
        Assert.DoesNotContain(api.Requests, r => r.Contains(expired.Secret!, StringComparison.Ordinal) || r.Contains(other.Secret!, StringComparison.Ordinal));
        Assert.Contains("the-upstreams-own", api.Requests.Last(), StringComparison.Ordinal);

        async Task GetAsync(string key)
        {
            using var client = Clients.For(gateway.Address, key);
            using var answer = await client.GetAsync("/health", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_same_idempotency_key_gives_the_same_key_and_a_secret_that_was_delivered_is_not_shown_again()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (first, made) = await admin.PostAsync("/keys", new { customerId = World.Customer }, "order-7");
        var deadline = new Deadline(TimeSpan.FromSeconds(10)); // the answer's delivery is noted after it
        (int Status, JsonNode Body) again;
        while ((again = await admin.PostAsync("/keys", new { customerId = World.Customer }, "order-7")).Status != 200) Assert.True(await deadline.TickAsync());

        Assert.Equal((201, made["id"]!.GetValue<string>(), null), (first, again.Body["id"]!.GetValue<string>(), again.Body["key"]));
        Assert.Single((await admin.GetAsync("/keys")).Body.AsArray());
    }

    [Fact]
    public async Task An_idempotency_key_that_made_another_key_is_refused_and_gives_away_no_secret_of_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var keys = gateway.Services.GetRequiredService<KeyService>();
        var made = await keys.CreateAsync(KeyBench.Wanted(World.Customer), "order-11"); // good for every route
        await keys.AnsweredAsync(made, isDelivered: false);

        var (status, answer) = await admin.PostAsync("/keys", new { customerId = World.Customer, routes = OnlySubmissions, maxConcurrent = 1 }, "order-11");

        Assert.Equal((422, null), (status, answer["key"]));
        Assert.Equal(201, (await admin.PostAsync("/keys", new { customerId = World.Customer }, "order-11")).Status);
    }

    [Fact]
    public async Task Of_many_under_one_idempotency_key_at_once_one_is_given_the_secret_and_it_is_good()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        async Task<(string Id, string Secret)> OneOfManyAsync(string path, object? body, int status)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => admin.PostAsync(path, body, "order-8")));
            Assert.All(answers, a => Assert.True(a.Status is 200 or 409 || a.Status == status, a.Body.ToJsonString()));
            var given = Assert.Single(answers, a => a.Body["key"] is not null);
            Assert.Equal(status, given.Status);
            return (given.Body["id"]!.GetValue<string>(), given.Body["key"]!.GetValue<string>());
        }

        var (id, first) = await OneOfManyAsync("/keys", new { customerId = World.Customer }, 201);
        Assert.Equal(HttpStatusCode.Created, await SubmitAsync(gateway, first));
        var (_, second) = await OneOfManyAsync($"/keys/{id}/rotation?overlapSeconds=0", body: null, 200);
        await RefusedSoonAsync(gateway, first);
        Assert.Equal(HttpStatusCode.Created, await SubmitAsync(gateway, second));
    }

    [Fact]
    public async Task While_the_answer_with_the_secret_is_under_way_a_repeat_is_told_to_come_again()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var first = await gateway.Services.GetRequiredService<KeyService>().CreateAsync(KeyBench.Wanted(World.Customer), "order-9");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/keys") { Content = JsonContent.Create(new { customerId = World.Customer }) };
        request.Headers.Add("Idempotency-Key", "order-9");
        using var repeat = await admin.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Conflict, TimeSpan.FromSeconds(1)), (repeat.StatusCode, repeat.Headers.RetryAfter?.Delta));
        Assert.Equal(HttpStatusCode.Created, await SubmitAsync(gateway, first.Secret!));
    }

    [Fact]
    public async Task While_the_answer_of_a_rotation_is_under_way_another_one_is_told_to_come_again()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var keys = gateway.Services.GetRequiredService<KeyService>();
        var made = await keys.CreateAsync(KeyBench.Wanted(World.Customer), idempotencyKey: null);
        await keys.AnsweredAsync(made, isDelivered: true);
        var rotated = await keys.RotateAsync(made.Record.Id, TimeSpan.FromHours(1), idempotencyKey: null);

        using var refused = await admin.Http.PostAsync(new Uri($"/keys/{made.Record.Id}/rotation", UriKind.Relative), null, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Conflict, TimeSpan.FromSeconds(1)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Contains("Send this one again", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal); // which the command line prints
        await keys.AnsweredAsync(rotated!, isDelivered: false);
        Assert.Equal(200, (await admin.PostAsync($"/keys/{made.Record.Id}/rotation")).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Without_the_token_there_is_health_and_nothing_else(string? token)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var http = new HttpClient { BaseAddress = gateway.Admin.BaseAddress };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        foreach (var path in (string[])["/keys", "/customers/cus_1/subscriptions", "/state", "/accounts", "/audit", "/quarantine", "/metrics", "/openapi.json"])
        {
            using var refused = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.True(refused.StatusCode == HttpStatusCode.Unauthorized, path);
        }

        using var healthy = await http.GetAsync(new Uri("/healthz", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
    }

    [Fact]
    public async Task What_is_wrong_with_a_key_is_named_by_its_field_and_none_is_made()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (status, problem) = await admin.PostAsync(
            "/keys", new { name = "", routes = Nowhere, expiresAt = "2001-01-01T00:00:00Z", requestsPerSecond = 0, maxConcurrent = 0, paymentUrl = "ftp://x" });

        Assert.Equal(400, status);
        Assert.Equal(
            ["customerId", "expiresAt", "maxConcurrent", "name", "paymentUrl", "requestsPerSecond", "routes"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
        Assert.Empty((await admin.GetAsync("/keys")).Body.AsArray());
        var (odd, told) = await admin.PostAsync("/keys", new { customerId = "cus_\u0001", routes = (string?[])[null] });
        Assert.True((odd, told["errors"]?.AsObject().Count) == (400, 2), told.ToJsonString());
        Assert.Equal(404, (await admin.DeleteAsync("/keys/nothere")).Status);
        Assert.Equal(400, (await admin.PostAsync("/keys/nothere/rotation?overlapSeconds=-1")).Status);
    }

    [Theory]
    [InlineData("""{"customerId":"cus_demo","customerId":"cus_x"}""", "customerId")]
    [InlineData("""{"customerId":"cus_demo","customerid":"cus_x"}""", "customerId")]
    [InlineData("null", "The body must be a JSON object.")]
    [InlineData("", "The body must be a JSON object.")]
    public async Task A_body_that_does_not_say_one_thing_is_refused(string body, string told)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        foreach (var path in (string[])["/keys", "/customers"])
        {
            using var answer = await admin.Http.PostAsync(new Uri(path, UriKind.Relative), Clients.Json(body), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            var detail = (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["detail"]!.GetValue<string>();
            Assert.Contains(told, detail, StringComparison.Ordinal);
        }

        Assert.Empty((await admin.GetAsync("/keys")).Body.AsArray());
    }

    /// <summary>Whoever lists keys may do it in a terminal, which control characters write to at will.</summary>
    [Fact]
    public async Task Texts_for_people_have_no_control_characters()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var (key, named) = await admin.PostAsync("/keys", new { customerId = World.Customer, name = "laptop\u001b[2J" });
        var (customer, signedUp) = await admin.PostAsync("/customers", new
        {
            name = "Ada\n",
            email = "ada\u0001@example.com",
            keyName = "\t",
            address = new { country = "GB", line1 = "1\u0085", line2 = "\0", city = "\r", state = "\b", zipCode = "\u007f" },
        });

        Assert.Equal((400, 400), (key, customer));
        Assert.Equal(["name"], named["errors"]!.AsObject().Select(e => e.Key));
        Assert.Equal(
            ["address.city", "address.line1", "address.line2", "address.state", "address.zipCode", "email", "keyName", "name"],
            signedUp["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>Whoever has a key that leaked has the whole of it at hand, and not its id.</summary>
    [Fact]
    public async Task A_whole_key_that_is_given_for_its_id_is_written_down_nowhere()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var key = (await admin.PostAsync("/keys", new { customerId = World.Customer })).Body["key"]!.GetValue<string>();

        var (revoked, answer) = await admin.DeleteAsync("/keys/" + key);
        var (rotated, other) = await admin.PostAsync($"/keys/{key}/rotation");

        Assert.Equal((404, 404), (revoked, rotated));
        foreach (var text in (string[])[answer.ToJsonString(), other.ToJsonString(), (await admin.GetAsync("/audit")).Body.ToJsonString()])
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
        Assert.Contains("the middle part", answer["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_key_that_is_given_for_a_customers_id_is_written_down_nowhere_and_paygentic_is_not_asked()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var key = (await admin.PostAsync("/keys", new { customerId = World.Customer })).Body["key"]!.GetValue<string>();
        await world.FaultAsync(new { operation = "GET /v0/subscriptions", kind = "status", status = 503, count = 1_000_000 });

        var (made, told) = await admin.PostAsync("/keys", new { customerId = key });
        var (linked, answer) = await admin.PostAsync($"/customers/{key}/portal");
        var (listed, other) = await admin.GetAsync($"/customers/{key}/subscriptions");
        var (blank, _) = await admin.PostAsync("/customers/a%20b/portal");

        Assert.Equal((400, 404, 404, 404), (made, linked, listed, blank));
        Assert.Equal(0, await world.HitsAsync());
        var audit = (await admin.GetAsync("/audit")).Body.AsArray();
        Assert.Single(audit);
        foreach (var text in (string[])[told.ToJsonString(), answer.ToJsonString(), other.ToJsonString(), audit.ToJsonString()])
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotation_whose_answer_was_lost_and_that_is_done_again_leaves_the_secret_in_use_good_for_the_overlap()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        var (keys, directory) = (gateway.Services.GetRequiredService<KeyService>(), gateway.Services.GetRequiredService<KeyDirectory>());
        var made = await keys.CreateAsync(KeyBench.Wanted(World.Customer), idempotencyKey: null);
        await keys.AnsweredAsync(made, isDelivered: true);
        var (id, inUse) = (made.Record.Id, made.Secret!);

        var lost = (await keys.RotateAsync(id, TimeSpan.FromHours(1), idempotencyKey: null))!;
        await keys.AnsweredAsync(lost, isDelivered: false);
        var again = (await keys.RotateAsync(id, TimeSpan.FromHours(1), idempotencyKey: null))!;
        await keys.AnsweredAsync(again, isDelivered: true);
        directory.AllChanged();

        Assert.Equal(KeyVerdict.Known, (await directory.FindAsync(again.Secret!)).Verdict);
        Assert.Equal(KeyVerdict.Known, (await directory.FindAsync(inUse)).Verdict);
        Assert.Equal(KeyVerdict.Unknown, (await directory.FindAsync(lost.Secret!)).Verdict);

        await keys.RotateAsync(id, TimeSpan.Zero, idempotencyKey: null);
        directory.AllChanged();
        Assert.Equal(KeyVerdict.Unknown, (await directory.FindAsync(again.Secret!)).Verdict);
        Assert.Equal(KeyVerdict.Unknown, (await directory.FindAsync(inUse)).Verdict);
    }

    [Fact]
    public async Task A_key_that_was_revoked_before_its_secret_was_delivered_is_given_no_other()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        var keys = gateway.Services.GetRequiredService<KeyService>();
        var made = await keys.CreateAsync(KeyBench.Wanted(World.Customer), "order-10");
        await keys.AnsweredAsync(made, isDelivered: false);
        await keys.RevokeAsync(made.Record.Id);

        Assert.Null((await keys.CreateAsync(KeyBench.Wanted(World.Customer), "order-10")).Secret);
    }

    [Fact]
    public async Task The_openapi_document_has_every_endpoint_with_a_summary()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);

        var paths = (await admin.GetAsync("/openapi.json")).Body["paths"]!.AsObject();

        Assert.Equal(
            [
                "/accounts", "/accounts/{customer}/{metric}", "/audit", "/customers", "/customers/{id}/portal", "/customers/{id}/subscriptions", "/healthz",
                "/keys", "/keys/{id}", "/keys/{id}/rotation", "/metrics", "/quarantine", "/readyz", "/shadow", "/state",
            ],
            paths.Select(p => p.Key).Order(StringComparer.Ordinal));
        foreach (var (path, operations) in paths)
        {
            foreach (var (verb, operation) in operations!.AsObject()) Assert.True(operation!["summary"] is not null, $"{verb} {path}");
        }

        foreach (var path in (string[])["/keys", "/customers"])
        {
            var body = paths[path]!["post"]!["requestBody"]!;
            Assert.True(body["required"]!.GetValue<bool>() && body["content"]!["application/json"]!["schema"]!["$ref"] is not null, body.ToJsonString());
        }
    }

    [Fact]
    public async Task A_limited_key_is_told_its_limit_and_beyond_it_when_to_come_back()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var made = (await admin.PostAsync("/keys", new { customerId = World.Customer, requestsPerSecond = 2 })).Body["key"]!.GetValue<string>();
        using var client = Clients.For(gateway.Address, made);

        var answers = new List<HttpResponseMessage>();
        while (answers.Count < 50 && (answers.Count == 0 || answers[^1].IsSuccessStatusCode)) answers.Add(await client.GetAsync("/languages/", TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1].StatusCode);
        Assert.NotNull(answers[^1].Headers.RetryAfter);
        Assert.All(answers, a => Assert.Equal("\"key\";q=2;w=1", a.Headers.GetValues("RateLimit-Policy").Single()));
        Assert.Equal("\"key\";r=0", answers[^1].Headers.GetValues("RateLimit").Single().Split(";t=")[0]);
        answers.ForEach(a => a.Dispose());
    }

    [Fact]
    public async Task A_key_has_no_more_requests_at_once_than_it_may()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
        });
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var made = (await admin.PostAsync("/keys", new { customerId = World.Customer, maxConcurrent = 2 })).Body["key"]!.GetValue<string>();
        using var client = Clients.For(gateway.Address, made);
        var rest = upstream.AnswerInTwoParts("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{|}");

        var two = new[] { client.SubmitAsync("1"), client.SubmitAsync("1") };
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (upstream.Requests.Count < 2) Assert.True(await deadline.TickAsync());
        using (var third = await client.SubmitAsync("1")) await Problem.AssertAsync(third, HttpStatusCode.TooManyRequests, "too-many-at-once");

        rest.SetResult();
        foreach (var answer in await Task.WhenAll(two))
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            answer.Dispose();
        }

        deadline = new Deadline(TimeSpan.FromSeconds(10)); // a place is free a moment after its answer
        while (await SubmitAsync(gateway, made) != HttpStatusCode.Created) Assert.True(await deadline.TickAsync());
    }

    private static async Task<HttpStatusCode> SubmitAsync(RunningGateway gateway, string key)
    {
        using var client = Clients.For(gateway.Address, key);
        using var answer = await client.SubmitAsync("console.log(1)");
        return answer.StatusCode;
    }

    private static async Task RefusedSoonAsync(RunningGateway gateway, string key)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(5));
        while (await SubmitAsync(gateway, key) != HttpStatusCode.Unauthorized) Assert.True(await deadline.TickAsync(), "the key is still good");
    }
}
