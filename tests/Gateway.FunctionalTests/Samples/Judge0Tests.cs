using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Samples;

/// <summary>config/samples/judge0.json with real programs: waited for, fetched later, in batches.</summary>
public sealed class Judge0Tests
{
    private const string Slow = "const end = Date.now() + 1300; while (Date.now() < end) {} console.log('done')";

    [Fact]
    public async Task A_program_that_is_waited_for_costs_one_submission_and_the_time_that_it_ran()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        using var answer = await gateway.Client.SubmitAsync(Slow);
        var result = await answer.JsonAsync();
        for (var i = 0; i < 3; i++) await FetchAsync(gateway.Client, result["token"]!.GetValue<string>()); // known already: costs nothing

        Assert.Equal("done\n", result["stdout"]!.GetValue<string>());
        await AssertChargedAsync(world, submissions: 1, [result]);
    }

    [Fact]
    public async Task The_time_of_a_program_is_charged_once_when_its_result_is_first_seen_however_often_and_in_which_way_it_is_asked_for()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        using var submitted = await gateway.Client.PostJsonAsync("/submissions", $$"""{"language_id": 63, "source_code": "{{Slow}}"}""");
        var token = (await submitted.JsonAsync())["token"]!.GetValue<string>();
        Assert.Equal("basic-submissions=1", submitted.Headers.GetValues("Usage-Quantity").Single());
        var result = await FetchDoneAsync(gateway.Client, token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FetchAsync(gateway.Client, token)));
        await gateway.Client.GetJsonAsync($"/submissions/batch?tokens={token},{token}");

        await AssertChargedAsync(world, submissions: 1, [result]);
    }

    [Theory, InlineData("/submissions/batch.json?tokens={0},{0}"), InlineData("/submissions/{0}.json"), InlineData("/submissions/{0}%2Exml")]
    public async Task A_result_can_not_be_fetched_under_another_name_than_its_own(string path)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = await CountingUpstream.StartAsync(); // answers whatever it is asked, as Rails does with these
        await using var gateway = await world.StartSampleAsync("judge0.json", upstream.Address);

        using var answer = await gateway.Client.GetAnswerAsync(string.Format(CultureInfo.InvariantCulture, path, Guid.NewGuid()));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(upstream.Received);
    }

    [Fact]
    public async Task A_batch_costs_each_of_its_programs_and_the_time_of_each_once()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);
        var program = $$"""{"language_id": 63, "source_code": "{{Slow}}"}""";

        using var submitted = await gateway.Client.PostJsonAsync("/submissions/batch", $$"""{"submissions": [{{program}}, {{program}}, {{program}}]}""");
        Assert.Equal(HttpStatusCode.Created, submitted.StatusCode);
        var tokens = (await submitted.JsonAsync()).AsArray().Select(t => t!["token"]!.GetValue<string>()).ToList();
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        List<JsonNode> results;
        while ((results = await BatchAsync(gateway.Client, tokens)).Any(r => r["status"]!["id"]!.GetValue<int>() < 3)) Assert.True(await deadline.TickAsync());
        foreach (var token in tokens) await FetchAsync(gateway.Client, token);

        await AssertChargedAsync(world, submissions: 3, results);
    }

    [Fact]
    public async Task A_program_that_runs_several_times_costs_as_many_submissions_and_a_number_that_is_none_is_refused()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        using var answer = await gateway.Client.PostJsonAsync("/submissions?wait=true", """{"language_id": 63, "source_code": "1", "number_of_runs": 3}""");
        using var refused = await gateway.Client.PostJsonAsync("/submissions?wait=true", """{"language_id": 63, "source_code": "1", "number_of_runs": "20"}""");

        Assert.Contains("basic-submissions=3", answer.Headers.GetValues("Usage-Quantity").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("$.number_of_runs", await refused.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Rails_would_take_from_the_query_in_place_of_the_body_is_refused()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = await CountingUpstream.StartAsync();
        await using var gateway = await world.StartSampleAsync("judge0.json", upstream.Address);

        foreach (var (target, body) in new[]
        {
            ("/submissions?wait=true&number_of_runs=20", """{"language_id": 63, "source_code": "1"}"""),
            ("/submissions?number_of_runs=20", """{"language_id": 63, "source_code": "1", "number_of_runs": 1}"""),
            ("/submissions?a=1;number_of_runs=20", """{"language_id": 63, "source_code": "1"}"""),
            ("/submissions?[number_of_runs]=20", """{"language_id": 63, "source_code": "1"}"""),
            ("/submissions/batch?submissions[][language_id]=63&submissions[][source_code]=1&submissions[][language_id]=63", """{"submissions": [{"language_id": 63, "source_code": "1"}]}"""),
        })
        {
            using var refused = await gateway.Client.PostJsonAsync(target, body);
            await Problem.AssertAsync(refused, HttpStatusCode.BadRequest, "body-malformed");
        }

        Assert.Empty(upstream.Received);
    }

    [Theory]
    [InlineData("GET", "/submissions/batch?tokens=a,b", "{\"submissions\": [{\"token\": \"a\", \"time\": \"3.0\", \"status\": {\"id\": 3}}, {\"token\": \"b\", |\"time\": \"4.0\", \"status\": {\"id\": 3}}]}", 3)]
    [InlineData("POST", "/submissions/batch", "[{\"token\": \"a\"}, {\"tok|en\": \"b\"}]", 5)] // as IfUnseen, when its time has come
    public async Task Of_a_list_that_its_client_breaks_off_each_job_that_had_come_is_charged(string method, string target, string list, int seconds)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address);
        using var sweep = ActivatorUtilities.CreateInstance<JobSweep>(gateway.Services);
        api.AnswerInTwoParts($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {list.Length - 1}\r\n\r\n{list}");
        var body = method == "POST" ? """{"submissions": [{"language_id": 63, "source_code": "1"}, {"language_id": 63, "source_code": "2"}]}""" : "";

        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(
                System.Text.Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: h\r\nX-API-Key: {World.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
                TestContext.Current.CancellationToken);
            var read = new List<byte>();
            while (!System.Text.Encoding.ASCII.GetString([.. read]).EndsWith(list[..list.IndexOf('|', StringComparison.Ordinal)], StringComparison.Ordinal))
            {
                var next = new byte[1];
                await client.GetStream().ReadExactlyAsync(next, TestContext.Current.CancellationToken);
                read.AddRange(next);
            }
        }

        if (method == "POST")
        {
            await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 2); // the answer has ended
            await PassAsync(gateway, TimeSpan.FromHours(1));
            await sweep.SweepAsync();
        }

        Assert.Equal(seconds, (await world.LedgerWhenAsync(l => l.Quantity("bm_execution_time") >= seconds)).Quantity("bm_execution_time"));
    }

    [Fact]
    public async Task Who_has_the_time_left_out_of_the_answer_pays_what_was_held()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        using var submitted = await gateway.Client.PostJsonAsync("/submissions", """{"language_id": 63, "source_code": "1"}""");
        var token = (await submitted.JsonAsync())["token"]!.GetValue<string>();
        using var answer = await gateway.Client.GetAnswerAsync($"/submissions/{token}?fields=stdout");

        Assert.Equal("execution-time=5", answer.Headers.GetValues("Usage-Quantity").Single());
    }

    [Theory]
    [InlineData("stdout", 5)] // what was held
    [InlineData("stdout,time", 1)] // what it says, the fraction carried
    public async Task Who_has_the_token_left_out_of_an_answer_that_is_waited_for_pays_all_the_same(string fields, int seconds)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        using var answer = await gateway.Client.PostJsonAsync($"/submissions?wait=true&fields={fields}", $$"""{"language_id": 63, "source_code": "{{Slow}}"}""");

        Assert.DoesNotContain("token", await answer.TextAsync(), StringComparison.Ordinal);
        Assert.Equal($"basic-submissions=1, execution-time={seconds}", answer.Headers.GetValues("Usage-Quantity").Single());
    }

    [Theory]
    [InlineData("POST", "/submissions?wait=true", "|HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 1, 5)]
    [InlineData("POST", "/submissions?wait=true", "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"stdout\": |", 1, 5)]
    [InlineData("GET", "/submissions/d85cd024-1548-4165-96c7-7bc88673f194", "|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0)] // it can be fetched again
    public async Task Who_leaves_before_a_submission_is_answered_pays_what_was_held_for_its_result_may_come_another_way(string method, string target, string answer, int submissions, int seconds)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address);
        api.AnswerInTwoParts(answer);
        var body = method == "POST" ? """{"language_id": 63, "source_code": "1"}""" : "";

        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(
                System.Text.Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: h\r\nX-API-Key: {World.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
                TestContext.Current.CancellationToken);
            if (answer.StartsWith('|')) await ArrivedAsync(api);
            else await client.GetStream().ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
        }

        await gateway.StopAsync(); // ships what there is
        var ledger = await world.LedgerAsync();
        Assert.Equal((submissions, seconds), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
    }

    [Fact]
    public async Task Who_asks_for_the_time_alone_while_the_program_runs_does_not_have_it_for_nothing()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        using var submitted = await gateway.Client.PostJsonAsync("/submissions", $$"""{"language_id": 63, "source_code": "{{Slow}}"}""");
        var token = (await submitted.JsonAsync())["token"]!.GetValue<string>();
        var early = await gateway.Client.GetJsonAsync($"/submissions/{token}?fields=stdout,time");
        var result = await FetchDoneAsync(gateway.Client, token);

        Assert.Null(early["time"]);
        await AssertChargedAsync(world, submissions: 1, [result]);
    }

    [Fact]
    public async Task An_answer_without_a_body_is_no_result()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address);
        const string Result = """{"stdout": "MQo=", "time": "3.0", "token": "t", "status": {"id": 3, "description": "Accepted"}}""";

        api.Answer("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
        using (var unchanged = await gateway.Client.GetAnswerAsync("/submissions/d85cd024-1548-4165-96c7-7bc88673f194")) Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        api.Answer($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Result.Length}\r\n\r\n{Result}");
        using var answer = await gateway.Client.GetAnswerAsync("/submissions/d85cd024-1548-4165-96c7-7bc88673f194");

        Assert.Equal("execution-time=3", answer.Headers.GetValues("Usage-Quantity").Single());
    }

    [Fact]
    public async Task A_result_that_nobody_fetches_is_charged_when_its_time_has_come_and_one_that_was_fetched_is_not()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);
        using var sweep = ActivatorUtilities.CreateInstance<JobSweep>(gateway.Services);
        const string Body = """{"language_id": 63, "source_code": "1"}""";
        using var fetched = await gateway.Client.PostJsonAsync("/submissions", Body);
        await FetchDoneAsync(gateway.Client, (await fetched.JsonAsync())["token"]!.GetValue<string>());
        using var forgotten = await gateway.Client.PostJsonAsync("/submissions", Body);
        var token = (await forgotten.JsonAsync())["token"]!.GetValue<string>();

        await PassAsync(gateway, TimeSpan.FromMinutes(55)); // of the hour, as the rest of the test takes time too
        await sweep.SweepAsync();
        Assert.Equal(2, (await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 2)).Quantity("bm_basic"));
        await PassAsync(gateway, TimeSpan.FromMinutes(5));
        for (var i = 0; i < 3; i++) await sweep.SweepAsync();
        await FetchAsync(gateway.Client, token); // too late to be charged again

        Assert.Equal(5, (await world.LedgerWhenAsync(l => l.Quantity("bm_execution_time") >= 5)).Quantity("bm_execution_time"));
    }

    [Fact]
    public async Task A_result_that_the_API_tells_is_charged_to_who_submitted_it_once_and_fetching_it_costs_nothing_then()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var customers = await CountingUpstream.StartAsync();
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!, root => AddCallbacks(root, customers.Address));
        using var judge0 = Clients.For(gateway.Address, CallbackKey);
        using var submitted = await gateway.Client.PostJsonAsync("/submissions", """{"language_id": 63, "source_code": "1"}""");
        var token = (await submitted.JsonAsync())["token"]!.GetValue<string>();

        foreach (var (about, time) in new[] { (token, "3.0"), (token, "3.0"), (token, "9.0"), ("nobody-submitted-this", "7.0") })
        {
            using var told = await judge0.PutJsonAsync(
                "/callbacks/of-a-customer", $$$"""{"stdout": "MQo=", "time": "{{{time}}}", "token": "{{{about}}}", "status": {"id": 3, "description": "Accepted"}}""");
            Assert.Equal(HttpStatusCode.Created, told.StatusCode);
        }

        await FetchDoneAsync(gateway.Client, token);
        await gateway.StopAsync(); // ships what there is
        var ledger = await world.LedgerAsync();
        Assert.Equal((1, 3), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
        Assert.All(await world.EventsAsync(), e => Assert.Equal(World.Customer, e!["customerId"]!.GetValue<string>()));
        Assert.Equal(4, customers.Received.Values.Sum()); // each is passed on
    }

    [Fact]
    public async Task A_result_that_the_API_tells_before_it_answers_the_submission_is_charged_by_that_answer()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var customers = await CountingUpstream.StartAsync();
        await using var api = new Upstream();
        await using var gateway = await world.StartSampleAsync("judge0.json", api.Address, root => AddCallbacks(root, customers.Address));
        using var judge0 = Clients.For(gateway.Address, CallbackKey);
        const string Result = """{"stdout": "MQo=", "time": "3.0", "token": "t", "status": {"id": 3, "description": "Accepted"}}""";
        api.Answer($"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {Result.Length}\r\n\r\n{Result}");

        using var told = await judge0.PutJsonAsync("/callbacks/of-a-customer", Result);
        using var answered = await gateway.Client.PostJsonAsync("/submissions?wait=true", """{"language_id": 63, "source_code": "1"}""");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (told.StatusCode, answered.StatusCode));
        await gateway.StopAsync(); // ships what there is
        Assert.Equal(3, (await world.LedgerAsync()).Quantity("bm_execution_time"));
    }

    [Fact]
    public async Task What_is_not_routed_is_not_there()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartSampleAsync("judge0.json", world.Runner.BaseAddress!);

        foreach (var path in (string[])["/submissions", "/workers", "/system_info", "/statistics"])
        {
            using var answer = await gateway.Client.GetAnswerAsync(path);
            Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"{path}: {answer.StatusCode}");
        }

        using var languages = await gateway.Client.GetAnswerAsync("/languages");
        Assert.Equal(HttpStatusCode.OK, languages.StatusCode);
    }

    private const string CallbackKey = "only-judge0-has-this-key-of-this-test";

    private static async Task ArrivedAsync(Upstream api)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (api.Requests.IsEmpty) Assert.True(await deadline.TickAsync());
    }

    private static void AddCallbacks(JsonObject root, Uri customers)
    {
        var (gateway, proxy) = (root["Gateway"]!, root["ReverseProxy"]!);
        gateway["ApiKeys"]!["Static"]!.AsArray().Add(new JsonObject { ["Key"] = CallbackKey, ["CustomerId"] = "cus_operator" });
        gateway["Routes"]!["callback"] = JsonNode.Parse(
            """{ "Meters": [ { "Metric": "execution-time", "Source": "ResponseJson", "Path": "$.time", "Job": "judge0", "Callback": true } ] }""");
        proxy["Routes"]!["callback"] = JsonNode.Parse("""{ "ClusterId": "customers", "Match": { "Path": "/callbacks/{**rest}", "Methods": [ "PUT" ] } }""");
        proxy["Clusters"]!["customers"] = new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = customers.ToString() } } };
    }

    /// <summary>Redis judges by its own clock, which nobody turns: what is due is due so much earlier.</summary>
    private static async Task PassAsync(RunningGateway gateway, TimeSpan time)
    {
        var redis = await gateway.Services.GetRequiredService<Gateway.Reservations.Pool.RedisConnection>().DatabaseAsync();
        foreach (var job in await redis.SortedSetRangeByRankAsync("gateway:{jobs}:due")) await redis.SortedSetDecrementAsync("gateway:{jobs}:due", job, time.TotalMilliseconds);
    }

    private static async Task<JsonNode> FetchDoneAsync(HttpClient client, string token)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        JsonNode result;
        while ((result = await FetchAsync(client, token))["status"]!["id"]!.GetValue<int>() < 3) Assert.True(await deadline.TickAsync());
        return result;
    }

    private static Task<JsonNode> FetchAsync(HttpClient client, string token) => client.GetJsonAsync($"/submissions/{token}");

    private static async Task<List<JsonNode>> BatchAsync(HttpClient client, List<string> tokens) =>
        [.. (await client.GetJsonAsync($"/submissions/batch?tokens={string.Join(',', tokens)}"))["submissions"]!.AsArray().Select(r => r!)];

    /// <summary>Seconds are carried over, so that in all nothing is rounded up.</summary>
    private static async Task AssertChargedAsync(World world, int submissions, List<JsonNode> results)
    {
        var time = results.Sum(r => decimal.Parse(r["time"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= submissions && l.Quantity("bm_execution_time") >= (long)time);
        Assert.Equal((submissions, (long)time), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
        Assert.Equal((0, 0), (ledger.Duplicates, ledger.ConflictingDuplicates));
        Assert.True(time >= 1, "the programs have to run for a second for there to be something to charge");
    }
}
