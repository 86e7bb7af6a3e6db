using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.FunctionalTests.Outcomes;
using Gateway.Idempotency;
using Gateway.Jobs;
using Gateway.Model;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Gateway.FunctionalTests.Idempotency;

/// <summary>A client that has lost the answer sends the request again under the same Idempotency-Key: it is charged once.</summary>
public sealed class IdempotencyKeyTests
{
    private const string Body = """{"language_id": 63, "source_code": "console.log(1)"}""";

    private const string Batch = $$"""{"submissions": [{{Body}}, {{Body}}]}""";

    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    [Theory, MemberData(nameof(Redis))]
    public async Task The_same_request_is_charged_once_says_so_and_is_refused_when_it_comes_too_often(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync(root => Configure(root, repeats: 2));

        using var first = await SendAsync(gateway.Client, "k1", Body);
        var repeats = new List<HttpResponseMessage> { await SendAsync(gateway.Client, "k1", Body), await SendAsync(gateway.Client, "k1", Body) };
        using var tooMany = await SendAsync(gateway.Client, "k1", Body);

        Assert.Equal(["basic-submissions=1"], first.Headers.GetValues("Usage-Quantity"));
        Assert.False(first.Headers.Contains("Usage-Repeat"));
        Assert.All(repeats, repeat =>
        {
            Assert.Equal(HttpStatusCode.Created, repeat.StatusCode);
            Assert.Equal(["?1"], repeat.Headers.GetValues("Usage-Repeat"));
            Assert.Equal(first.Headers.GetValues("Usage-Receipt"), repeat.Headers.GetValues("Usage-Receipt"));
            Assert.False(repeat.Headers.Contains("Usage-Quantity"));
            repeat.Dispose();
        });
        await Problem.AssertAsync(tooMany, HttpStatusCode.Conflict, "idempotency-exhausted");
        Assert.Equal(3, await world.RunnerReceivedAsync());
        await AssertChargedAsync(world, gateway, 1);
    }

    [Fact]
    public async Task A_key_means_something_for_one_request_of_one_customer_only()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configure(root);
            root["Gateway"]!["ApiKeys"]!["Static"]!.AsArray().Add(new JsonObject { ["Key"] = "somebody-elses-key-of-this-test", ["CustomerId"] = "cus_demo_2" });
        });
        using var other = Clients.For(gateway.Address, "somebody-elses-key-of-this-test");

        using var first = await SendAsync(gateway.Client, "k", Body);
        using var reused = await SendAsync(gateway.Client, "k", Body.Replace('1', '2'));
        using var query = await SendAsync(gateway.Client, "k", Body, "/submissions?wait=true&x=1");
        using var theirs = await SendAsync(other, "k", Body);
        using var empty = await SendAsync(gateway.Client, "", Body);
        var two = await RawHttp.ExchangeAsync(
            gateway.Address,
            $"POST /submissions HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-API-Key: {World.Key}\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n\r\n");

        await Problem.AssertAsync(reused, HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        await Problem.AssertAsync(query, HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        Assert.NotEqual("idempotency-key-reused", (await theirs.TextAsync()).Split(':')[^1]);
        Assert.False(theirs.Headers.Contains("Usage-Repeat"));
        await Problem.AssertAsync(empty, HttpStatusCode.BadRequest, "idempotency-key-malformed");
        Assert.Contains("idempotency-key-malformed", two, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_at_once_one_is_served_and_the_others_are_told_to_wait()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configure(root);
            root.UseUpstream(upstream.Address);
        });
        var rest = upstream.AnswerInTwoParts("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{|}");
        var first = SendAsync(gateway.Client, "k", Body);
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (upstream.Requests.IsEmpty) Assert.True(await deadline.TickAsync());

        var others = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(gateway.Client, "k", Body)));
        rest.SetResult();

        foreach (var other in others)
        {
            await Problem.AssertAsync(other, HttpStatusCode.Conflict, "idempotency-running");
            Assert.NotNull(other.Headers.RetryAfter);
            other.Dispose();
        }

        using var answer = await first;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Single(upstream.Requests);
        await AssertChargedAsync(world, gateway, 1);
    }

    [Fact]
    public async Task A_request_that_cost_nothing_is_charged_when_it_comes_again_and_succeeds()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configure(root);
            root.UseUpstream(upstream.Address);
        });

        upstream.Answer("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
        using var failed = await SendAsync(gateway.Client, "k", Body);
        upstream.Answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
        using var again = await SendAsync(gateway.Client, "k", Body);
        using var repeat = await SendAsync(gateway.Client, "k", Body);

        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.False(again.Headers.Contains("Usage-Repeat"));
        Assert.True(repeat.Headers.Contains("Usage-Repeat"));
        await AssertChargedAsync(world, gateway, 1);
    }

    [Fact]
    public async Task Without_funds_a_key_is_not_used_up()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, wallet: "0.001");
        await using var gateway = await world.StartGatewayAsync(root => Configure(root));
        using var only = await SendAsync(gateway.Client, "first", Body);

        foreach (var body in (string[])[Body, Body.Replace('1', '2')])
        {
            using var refused = await SendAsync(gateway.Client, "second", body);
            await Problem.AssertAsync(refused, HttpStatusCode.PaymentRequired, "no-funds");
        }

        using var repeat = await SendAsync(gateway.Client, "first", Body); // costs nothing, so it needs nothing
        Assert.Equal(HttpStatusCode.Created, repeat.StatusCode);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task A_node_that_died_over_a_request_leaves_it_to_the_next_under_the_same_receipt(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync(root => Configure(root));
        var store = gateway.Services.GetRequiredService<IdempotencyStore>();
        var (options, name) = (new IdempotencyOptions(), RequestFingerprint.NameOf(new CustomerId(World.Customer), "submissions", "k"));
        var (dead, living) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal((KeyState.Claimed, dead), await store.ClaimAsync(name, "print", dead, TimeSpan.FromMilliseconds(300), options));
        Assert.Equal(KeyState.Running, (await store.ClaimAsync(name, "print", living, IdempotencyClaims.ClaimFor, options)).State);

        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        (KeyState State, Guid Receipt) claimed;
        while ((claimed = await store.ClaimAsync(name, "print", living, IdempotencyClaims.ClaimFor, options)).State == KeyState.Running) Assert.True(await deadline.TickAsync());
        await store.ReleaseAsync(name, living); // not whose it is
        await store.ChargedAsync(name, dead);

        Assert.Equal((KeyState.Claimed, dead), claimed);
        Assert.Equal((KeyState.Charged, dead), await store.ClaimAsync(name, "print", living, IdempotencyClaims.ClaimFor, options));
    }

    [Fact]
    public async Task While_Redis_is_away_nobody_can_tell_and_the_request_is_refused()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using var gateway = await world.StartGatewayAsync(root => Configure(root));
        (await SendAsync(gateway.Client, "before", Body)).Dispose();

        await world.StopRedisAsync();
        using var undecided = await SendAsync(gateway.Client, "k", Body);
        using var without = await gateway.Client.PostJsonAsync("/submissions", Body);

        await Problem.AssertAsync(undecided, HttpStatusCode.ServiceUnavailable, "idempotency-undecided");
        Assert.Equal(HttpStatusCode.Created, without.StatusCode); // a lease in hand is good
    }

    [Fact]
    public async Task A_window_of_nothing_leaves_the_header_to_the_upstream()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configure(root);
            root["Gateway"]!["Idempotency"] = new JsonObject { ["WindowSeconds"] = 0 };
            root.UseUpstream(upstream.Address);
        });
        upstream.Answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");

        for (var i = 0; i < 2; i++) (await SendAsync(gateway.Client, "k", Body)).Dispose();

        Assert.Equal(["k", "k"], upstream.Requests.Select(r => RawHttp.Header(r, "Idempotency-Key")));
        await AssertChargedAsync(world, gateway, 2);
    }

    /// <summary>Else a request that is sent again after the window, while the first runs, would be charged as another.</summary>
    [Theory, MemberData(nameof(Redis))]
    public async Task A_request_that_runs_is_known_for_longer_than_the_window(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync(root => Configure(root));
        var store = gateway.Services.GetRequiredService<IdempotencyStore>();
        var database = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        var (claimFor, receipt) = (TimeSpan.FromMinutes(1), Guid.NewGuid());
        RedisKey key = "gateway:idempotency:{a-name}";

        var (state, _) = await store.ClaimAsync("a-name", "a-request", receipt, claimFor, new IdempotencyOptions { WindowSeconds = 1 });
        Assert.Equal(KeyState.Claimed, state);
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value.TotalSeconds, 30, 60);
        await database.KeyExpireAsync(key, TimeSpan.FromSeconds(20));
        await store.RenewAsync("a-name", receipt, claimFor);
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value.TotalSeconds, 30, 60);
    }

    [Theory, MemberData(nameof(Redis))]
    public async Task One_that_has_ended_is_known_for_the_window_and_no_longer(RedisKind redis)
    {
        await using var world = await World.StartAsync(redis);
        await using var gateway = await world.StartGatewayAsync(root => Configure(root));
        var store = gateway.Services.GetRequiredService<IdempotencyStore>();
        var database = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        var receipt = Guid.NewGuid();

        await store.ClaimAsync("a-name", "a-request", receipt, TimeSpan.FromMinutes(10), new IdempotencyOptions { WindowSeconds = 120 });
        await store.ChargedAsync("a-name", receipt);

        Assert.InRange((await database.KeyTimeToLiveAsync("gateway:idempotency:{a-name}"))!.Value.TotalSeconds, 60, 120);
    }

    [Fact]
    public async Task A_job_that_a_repeat_has_made_costs_nothing_either()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);
        const string Slow = """{"language_id": 63, "source_code": "const end = Date.now() + 1200; while (Date.now() < end); console.log('done')"}""";

        using var first = await SendAsync(gateway.Client, "k", Slow, "/submissions?wait=true");
        var time = decimal.Parse((await first.JsonAsync())["time"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        using var repeat = await SendAsync(gateway.Client, "k", Slow, "/submissions?wait=true");
        var token = (await repeat.JsonAsync())["token"]!.GetValue<string>();
        await gateway.Client.GetJsonAsync($"/submissions/{token}");

        Assert.True(repeat.Headers.Contains("Usage-Repeat"));
        await gateway.StopAsync();
        var ledger = await world.LedgerAsync();
        Assert.Equal((1, (long)time), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
        Assert.Equal(1, (long)time);
    }

    [Fact]
    public async Task A_job_that_a_repeat_only_shows_again_is_charged_as_it_would_have_been()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address);
        Answer(api, """{"token": "d85cd024-1548-4165-96c7-7bc88673f194"}"""); // to both: the API knows the key as well
        using var first = await SendAsync(gateway.Client, "k", Body, "/submissions");
        using var repeat = await SendAsync(gateway.Client, "k", Body, "/submissions");
        Assert.True(repeat.Headers.Contains("Usage-Repeat"));

        Answer(api, """{"token": "d85cd024-1548-4165-96c7-7bc88673f194", "time": "3.0", "status": {"id": 3}}""");
        using var result = await gateway.Client.GetAnswerAsync("/submissions/d85cd024-1548-4165-96c7-7bc88673f194");

        await gateway.StopAsync();
        var ledger = await world.LedgerAsync();
        Assert.Equal((1, 3), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
    }

    [Fact]
    public async Task A_request_that_is_charged_for_its_job_alone_is_charged_once_too()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address, root =>
        {
            var meters = root["Gateway"]!["Routes"]!["submit"]!["Meters"]!.AsArray();
            while (meters.Count > 1) meters.RemoveAt(0);
        });

        foreach (var token in (string[])["t", "u"])
        {
            Answer(api, $$$"""{"token": "{{{token}}}", "time": "3.0", "status": {"id": 3}}""");
            using var answer = await SendAsync(gateway.Client, "k", Body);
            Assert.Equal(token == "u", answer.Headers.Contains("Usage-Repeat"));
        }

        await gateway.StopAsync();
        Assert.Equal(3, (await world.LedgerAsync()).Quantity("bm_execution_time"));
    }

    [Fact]
    public async Task A_list_of_jobs_that_could_be_charged_in_part_only_is_a_repeat_when_it_is_sent_again()
    {
        await using var world = await World.StartAsync(RedisKind.Server);
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address);
        Answer(api, Jobs("t", "u"));
        using (var first = await SendAsync(gateway.Client, "other", Batch, "/submissions/batch")) Assert.Equal(HttpStatusCode.Created, first.StatusCode);

        Answer(api, Jobs("v", "w"));
        await world.AllowRedisAsync("~gateway:{[^j]*", "~gateway:idempotency:*", "~gateway:{jobs}:due", "~" + Job("v"));
        using (var half = await SendAsync(gateway.Client, "k", Batch, "/submissions/batch")) await Problem.AssertAsync(half, HttpStatusCode.ServiceUnavailable, "billing-unavailable");
        await world.AllowRedisAsync("allkeys");
        Answer(api, Jobs("x", "y"));
        using (var again = await SendAsync(gateway.Client, "k", Batch, "/submissions/batch"))
        {
            Assert.Equal(HttpStatusCode.Created, again.StatusCode);
            Assert.True(again.Headers.Contains("Usage-Repeat"));
        }

        await gateway.StopAsync();
        Assert.Equal(3 + 3 + 3, (await world.LedgerAsync()).Quantity("bm_execution_time")); // t, u and v

        static string Jobs(string one, string two) => $$"""[{"token": "{{one}}", "time": "3.0", "status": {"id": 3} }, {"token": "{{two}}", "time": "3.0", "status": {"id": 3} }]""";
        static string Job(string token) => "gateway:{jobs}:" + JobId.Of("judge0", token, new MetricName("execution-time")).ToString("N");
    }

    [Fact]
    public async Task A_repeat_that_would_cost_something_else_is_another_request()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configure(root);
            root["Gateway"]!["Routes"]!["submissions"] = JsonNode.Parse(
                """{ "Meters": [ { "Metric": "premium-submissions", "When": { "Header": { "X-Tier": "premium" } } }, { "Metric": "basic-submissions", "Otherwise": true } ] }""");
        });
        using var basic = await SendAsync(gateway.Client, "k", Body);
        gateway.Client.DefaultRequestHeaders.Add("X-Tier", "premium");

        using var premium = await SendAsync(gateway.Client, "k", Body);

        Assert.Equal(HttpStatusCode.Created, basic.StatusCode);
        await Problem.AssertAsync(premium, HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
    }

    [Fact]
    public async Task A_repeat_that_goes_on_for_longer_than_its_hold_is_charged_for_what_comes_then()
    {
        await using var world = await OutcomeWorld.StartAsync();
        var settled = 0;
        foreach (var isRepeat in (bool[])[false, true])
        {
            using var client = new OutcomeClient(world, new OutcomeRow(Protocol.EventStream, Ending.Ok, "", ""), "slices", "finish", "same") { IdempotencyKey = "k" };
            await client.BeginAsync();
            var request = world.Held().Last(id => id.Version == 7);
            var deadline = new Deadline(TimeSpan.FromSeconds(20));
            while (world.Settled().Count() < settled + 2) Assert.True(await deadline.TickAsync());
            client.Release();
            await client.ReadToEndAsync();
            if (!isRepeat) await world.EndOfAsync(request);
            settled = world.Settled().Count();
        }

        var settlements = world.Settled().ToList();
        Assert.Equal(1, settlements.Sum(s => s.Charges.ToArray().Where(c => c.Metric.Value == "basic-submissions").Sum(c => c.Units)));
        Assert.True(settlements.Count(s => s.RequestId.Version == 7) == 1, "the repeat has slices, and no end of its own");
        Assert.True(settlements.Count >= 4);
    }

    private static void Answer(Upstream api, string json) =>
        api.Answer($"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");

    private static void Configure(JsonObject root, int repeats = 5)
    {
        Configurations.OnlySubmissionsAreCharged(root);
        root["Gateway"]!["Idempotency"] = new JsonObject { ["Repeats"] = repeats };
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string key, string body, string path = "/submissions?wait=true")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Clients.Json(body) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private static async Task AssertChargedAsync(World world, RunningGateway gateway, int submissions)
    {
        await gateway.StopAsync(); // ships what there is
        Assert.Equal(submissions, (await world.LedgerAsync()).Quantity("bm_basic"));
    }
}
