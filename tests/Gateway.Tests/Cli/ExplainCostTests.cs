using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli.Explain;
using Gateway.Tests.Configuration;

namespace Gateway.Tests.Cli;

/// <summary>What <c>explain</c> says of a request that nobody sends.</summary>
public sealed class ExplainCostTests
{
    private static readonly string Judge0 = Path.Combine(TestConfiguration.Root, "config", "samples", "judge0.json");

    [Fact]
    public async Task Which_meters_charge_and_which_condition_fails_is_told_with_what_is_held()
    {
        var explained = await ExplainAsync("""{"language_id":63}""");

        Assert.Equal([false, true, true], explained["meters"]!.AsArray().Select(m => m!["charges"]!.GetValue<bool>()));
        Assert.Equal(
            "the body's '$.language_id' is 63; accepted: 71, 163; and the query parameter 'language_id' is missing; accepted: 71, 163",
            Meter(explained, 0, "why"));
        Assert.Equal(("no condition of another meter holds", "1", "1"), (Meter(explained, 1, "why"), Meter(explained, 1, "heldUnits"), Meter(explained, 1, "units")));
        Assert.Equal(("charges every request", "5", "the meter's Hold"), (Meter(explained, 2, "why"), Meter(explained, 2, "heldUnits"), Meter(explained, 2, "heldFrom")));
        Assert.Null(explained["meters"]![2]!["units"]); // known afterwards
        Assert.Contains("known afterwards: time from the start of forwarding", Meter(explained, 2, "quantity"), StringComparison.Ordinal);
        Assert.Contains("carried", Meter(explained, 2, "quantity"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_alternative_that_holds_is_told_and_what_it_displaces()
    {
        var explained = await ExplainAsync("""{"language_id":50}""", query: "language_id=71");

        Assert.Equal("the query parameter 'language_id' is '71'", Meter(explained, 0, "why"));
        Assert.Equal("the condition of meter 0, premium-submissions, holds", Meter(explained, 1, "why"));
    }

    [Fact]
    public async Task Each_way_to_end_has_its_price_and_those_of_one_price_stand_together()
    {
        var endings = (await ExplainAsync("""{"language_id":63}"""))["endings"]!.AsArray();

        string Cost(string when, int meter) => endings.Single(e => e!["when"]!.AsArray().Any(w => w!.GetValue<string>().Contains(when, StringComparison.Ordinal)))!
            ["costs"]!.AsArray().Single(c => c!["index"]!.GetValue<int>() == meter)!["text"]!.GetValue<string>();
        Assert.Equal(("1 submission", "as measured"), (Cost("answered 200-399", 1), Cost("answered 200-399", 2)));
        Assert.Equal(("nothing", "nothing"), (Cost("answered 400-599", 1), Cost("(UpstreamRefused)", 2)));
        Assert.Equal(("1 submission", "as measured until then"), (Cost("(ClientGoneWaiting)", 1), Cost("(ClientGoneReading)", 2)));
        Assert.Equal("as measured, at most what was held", Cost("(FundsEnded)", 2));
    }

    [Fact]
    public async Task A_number_in_the_body_is_held_and_charged_to_the_unit_and_what_is_missing_is_as_configured()
    {
        var told = await ExplainAsync("""{"language_id":71,"number_of_runs":3}""", config: Judge0);
        Assert.Equal(("3", "3", "$.number_of_runs says 3, rounded up; at least 1 is held"), (Meter(told, 0, "heldUnits"), Meter(told, 0, "units"), Meter(told, 0, "heldFrom")));

        var missing = await ExplainAsync("""{"language_id":71}""", config: Judge0);
        Assert.Equal(("1", "1"), (Meter(missing, 0, "heldUnits"), Meter(missing, 0, "units")));
        Assert.StartsWith("IfMissing", Meter(missing, 0, "heldFrom"), StringComparison.Ordinal);
        Assert.Equal("judge0", Meter(missing, 2, "job"));
    }

    [Fact]
    public async Task What_is_there_twice_is_told_with_both_values_and_refused_as_by_the_gateway()
    {
        var answer = await AnswerAsync("""{"language_id":50}""", query: "language_id=50&language_id=71");

        Assert.Equal((1, 400), (answer.ExitCode, JsonNode.Parse(answer.ToJson())!["refused"]!["status"]!.GetValue<int>()));
        Assert.Contains("the query parameter 'language_id', which is there more than once", answer.ToJson(), StringComparison.Ordinal);
        Assert.Contains("the query parameter 'language_id' is '50', '71'; accepted: 71, 163 (unclear", answer.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_in_shadow_mode_is_explained_as_if_and_says_so()
    {
        using var folder = new ConfigurationFolder();
        folder.Edit("\"WhenUnavailable\"", "\"Mode\": \"Shadow\", \"WhenUnavailable\"");

        var explained = await ExplainAsync("""{"language_id":63}""", config: folder.FilePath);

        Assert.Contains(explained["notes"]!.AsArray(), n => n!.GetValue<string>().Contains("shadow", StringComparison.Ordinal));
        Assert.Equal(("basic-submissions", "1"), (Meter(explained, 1, "metric"), Meter(explained, 1, "units")));
    }

    [Theory]
    [InlineData("{", null, 400, "body-malformed")]
    [InlineData("""{"language_id":"071"}""", null, 400, "body-malformed")]
    [InlineData("""{"language_id":63}""", "Content-Type: text/plain", 415, "body-unsupported")]
    [InlineData("""{"language_id":63}""", "Content-Encoding: gzip", 415, "body-unsupported")]
    [InlineData("""{"language_id":63}""", "Content-Type: application/x+json", 415, "body-unsupported")]
    [InlineData("""{"language_id":63}""", "Content-Type: application/json; charset=utf-16", 415, "body-unsupported")]
    [InlineData("""{"language_id":63}""", "Content-Type: application/json; charset=utf-8; Charset=utf-7", 415, "body-unsupported")]
    [InlineData(null, null, 413, "body-too-large")]
    public async Task What_the_gateway_would_refuse_is_told_with_its_status_and_type(string? body, string? header, int status, string type)
    {
        var answer = await AnswerAsync(body ?? $"\"{new string('x', 70_000)}\"", headers: header is null ? [] : [header]);

        Assert.Equal(1, answer.ExitCode);
        var refused = JsonNode.Parse(answer.ToJson())!["refused"]!;
        Assert.Equal((status, "urn:metering-gateway:problem:" + type), (refused["status"]!.GetValue<int>(), refused["type"]!.GetValue<string>()));
        Assert.Contains($"The gateway refuses it: {status}", Text(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/submissions", "submit")]
    [InlineData("POST", "/submissions/batch", "submit-batch")]
    [InlineData("GET", "/submissions/batch", "result-batch")] // the literal before the parameter
    [InlineData("GET", "/submissions/d85cd024-1548-4165-96c7-7bc88673f194", "result")]
    [InlineData("get", "/languages/all", "facts")]
    public async Task The_route_is_found_as_the_gateway_finds_it(string method, string path, string route)
    {
        var answer = await CostCommand.ExplainAsync(
            new RequestSketch(null, method, path, null, [], method == "POST" ? "{\"submissions\":[1]}"u8.ToArray() : null), Judge0, TestConfiguration.Nothing);

        Assert.Equal(route, JsonNode.Parse(answer.ToJson())!["route"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("PUT", "/submissions", "the path is served with POST ('submissions')")]
    [InlineData("POST", "/submission", "no route's path matches; did you mean '/submissions'?")]
    public async Task What_no_route_serves_is_told_with_what_may_have_been_meant(string method, string path, string hint)
    {
        var answer = await CostCommand.ExplainAsync(new RequestSketch(null, method, path, null, [], null), TestConfiguration.DemoPath, TestConfiguration.Nothing);

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("404", Text(answer), StringComparison.Ordinal);
        Assert.Contains(hint, Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task YARPs_order_headers_and_hosts_count_too()
    {
        using var folder = new ConfigurationFolder();
        folder.Edit(
            "\"submission\": { \"ClusterId\"",
            """
            "special": { "ClusterId": "runner", "Order": -1, "Match": { "Path": "/{**all}", "Hosts": [ "special.example" ], "Headers": [ { "Name": "X-Tier", "Values": [ "gold" ] } ] } },
            "submission": { "ClusterId"
            """);
        folder.Edit("\"submission\": { \"Free\": true },", "\"submission\": { \"Free\": true }, \"special\": { \"Free\": true },");

        async Task<string> RouteAsync(params string[] headers) => JsonNode.Parse((await CostCommand.ExplainAsync(
            new RequestSketch(null, "POST", "/submissions", null, headers, null), folder.FilePath, TestConfiguration.Nothing)).ToJson())!["route"]!.GetValue<string>();
        Assert.Equal("special", await RouteAsync("Host: special.example", "X-Tier: gold"));
        Assert.Equal("submissions", await RouteAsync("Host: special.example"));
        Assert.Equal("submissions", await RouteAsync("X-Tier: gold"));
    }

    [Fact]
    public async Task A_free_route_is_told_and_whether_it_asks_for_a_key()
    {
        var explained = await CostCommand.ExplainAsync(new RequestSketch(null, null, "/health", null, [], null), TestConfiguration.DemoPath, TestConfiguration.Nothing);
        Assert.Equal(0, explained.ExitCode);
        Assert.EndsWith("It is free: nothing is held or charged, and no key is asked for.\n", Text(explained), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_given_shows_nowhere_and_decides_nothing()
    {
        using var folder = new ConfigurationFolder();
        folder.Edit("{ \"Query\": { \"language_id\": [ 71, 163 ] } }", "{ \"Header\": { \"Authorization\": \"other\" } }, { \"Header\": { \"X-API-Key\": \"other\" } }");

        var answer = await AnswerAsync(
            """{"language_id":63}""", headers: ["Authorization: Bearer sk_of_a_customer", "X-API-Key: sk_of_a_customer"], config: folder.FilePath);

        Assert.Contains("the header 'Authorization' is missing", answer.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("sk_of_a_customer", answer.ToJson() + Text(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("submisions", "/submissions", "There is no route 'submisions'; did you mean 'submissions'?")]
    [InlineData("health", "/submissions", "is served by the route 'submissions', not by 'health'")]
    [InlineData(null, "/billing", "a page of the gateway's own")]
    [InlineData(null, "submissions", "--path must begin with '/'")]
    [InlineData(null, null, "--path or --route")]
    public async Task A_question_that_makes_no_sense_is_told_what_to_write(string? route, string? path, string message)
    {
        var error = await Assert.ThrowsAsync<UsageException>(() => CostCommand.ExplainAsync(
            new RequestSketch(route, path == "/billing" ? "GET" : "POST", path, null, [], null), TestConfiguration.DemoPath, TestConfiguration.Nothing));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway.json", "wait=true", """{"language_id": 63, "source_code": "console.log(1)"}""")]
    [InlineData("samples/judge0.json", "", """{"language_id": 71, "number_of_runs": 3}""")]
    [InlineData("samples/judge0.json", "", """{"language_id": "073", "source_code": "1"}""")]
    public async Task The_documentation_shows_what_is_said(string config, string query, string body)
    {
        var documented = await File.ReadAllTextAsync(Path.Combine(TestConfiguration.Root, "docs", "charges.md"), TestContext.Current.CancellationToken);

        Assert.Contains(Text(await AnswerAsync(body, query, config: Path.Combine(TestConfiguration.Root, "config", config))), documented, StringComparison.Ordinal);
        Assert.Contains($"echo '{body}'", documented, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_is_told_and_the_exit_code_is_2()
    {
        using var folder = new ConfigurationFolder();
        folder.Edit("\"bm_basic\"", "\"\"");
        using var errors = new StringWriter();

        var code = await ExplainCommand.RunAsync(json: false, TextWriter.Null, errors, () => CostCommand.ExplainAsync(
            new RequestSketch("submissions", null, null, null, [], null), folder.FilePath, TestConfiguration.Nothing));

        Assert.Equal(2, code);
        Assert.Contains("$.Gateway.Metrics.basic-submissions.BillableMetricId", errors.ToString(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> ExplainAsync(string body, string query = "", string? config = null)
    {
        var answer = await AnswerAsync(body, query, config: config);
        Assert.Equal(0, answer.ExitCode);
        Assert.NotEqual("", Text(answer));
        return JsonNode.Parse(answer.ToJson())!;
    }

    private static Task<IAnswer> AnswerAsync(string body, string query = "", string[]? headers = null, string? config = null) => CostCommand.ExplainAsync(
        new RequestSketch(null, null, "/submissions", query, headers ?? [], Encoding.UTF8.GetBytes(body)), config ?? TestConfiguration.DemoPath, TestConfiguration.Nothing);

    private static string Meter(JsonNode explained, int index, string field) => explained["meters"]![index]![field]!.ToString();

    private static string Text(IAnswer answer)
    {
        using var output = new StringWriter();
        answer.Write(output);
        return output.ToString();
    }
}
