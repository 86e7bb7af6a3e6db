using System.Text;
using System.Text.Json.Nodes;
using Gateway.Demo.Runner;

namespace Gateway.Demo.Tests;

/// <summary>The shapes a Judge0 client expects.</summary>
public sealed class ApiTests
{
    [Fact]
    public async Task A_submission_can_be_polled_by_its_token()
    {
        await using var bench = await RunnerBench.StartAsync();
        var (status, created) = await bench.PostAsync("/submissions", """{"language_id":63,"source_code":"console.log(1)"}""");
        Assert.Equal((201, 1), (status, created.AsObject().Count));

        JsonNode result;
        do (_, result) = await bench.GetAsync($"/submissions/{created["token"]}"); while (result["status"]!["id"]!.GetValue<int>() < 3);

        Assert.Equal("1\n", result["stdout"]!.GetValue<string>());
        Assert.Equal(404, (await bench.GetAsync("/submissions/unknown")).Status);
    }

    [Fact]
    public async Task A_batch_answers_a_token_or_what_is_wrong_for_each()
    {
        await using var bench = await RunnerBench.StartAsync();

        var (status, answers) = await bench.PostAsync("/submissions/batch",
            """{"submissions":[{"language_id":63,"source_code":"1"},{"language_id":1,"source_code":"1"},{"language_id":163,"source_code":"1"}]}""");

        Assert.Equal(201, status);
        Assert.Equal([true, false, true], answers.AsArray().Select(a => a!["token"] is not null));
        var tokens = string.Join(',', answers.AsArray().Where(a => a!["token"] is not null).Select(a => a!["token"]));
        Assert.Equal(2, (await bench.GetAsync($"/submissions/batch?tokens={tokens}")).Body["submissions"]!.AsArray().Count);
        var tooMany = string.Join(',', Enumerable.Repeat("""{"language_id":63,"source_code":"1"}""", 21));
        Assert.Equal(400, (await bench.PostAsync("/submissions/batch", $$"""{"submissions":[{{tooMany}}]}""")).Status);
    }

    [Fact]
    public async Task Base64_goes_both_ways_and_fields_choose_what_is_shown()
    {
        await using var bench = await RunnerBench.StartAsync();
        var source = Convert.ToBase64String(Encoding.UTF8.GetBytes("console.log('é')"));

        var (_, body) = await bench.PostAsync(
            "/submissions?wait=true&base64_encoded=true&fields=stdout,language_id", $$"""{"language_id":63,"source_code":"{{source}}"}""");

        Assert.Equal(["stdout", "language_id"], body.AsObject().Select(p => p.Key));
        Assert.Equal("é\n", Encoding.UTF8.GetString(Convert.FromBase64String(body["stdout"]!.GetValue<string>())));
    }

    [Theory]
    [InlineData("""{"language_id":63}""", "source_code")]
    [InlineData("""{"source_code":"1"}""", "language_id")]
    [InlineData("""{"source_code":"1","language_id":5}""", "language_id")]
    [InlineData("""{"source_code":"1","language_id":63,"cpu_time_limit":99}""", "cpu_time_limit")]
    [InlineData("""{"source_code":1,"language_id":63}""", "source_code")]
    public async Task What_is_wrong_is_told_by_field(string body, string field)
    {
        await using var bench = await RunnerBench.StartAsync();

        var (status, errors) = await bench.PostAsync("/submissions", body);

        Assert.Equal(422, status);
        Assert.NotEmpty(errors[field]!.AsArray());
    }

    [Fact]
    public async Task A_full_queue_says_so()
    {
        await using var bench = await RunnerBench.StartAsync(new RunnerOptions { MaxQueue = 1, Workers = 1 });
        const string Busy = """{"language_id":63,"source_code":"for (;;) {}","cpu_time_limit":2}""";

        var statuses = new List<int>();
        for (var i = 0; i < 5; i++) statuses.Add((await bench.PostAsync("/submissions", Busy)).Status);

        Assert.Equal(503, statuses[^1]);
        Assert.Equal(201, statuses[0]);
    }

    [Fact]
    public async Task Many_at_once_all_run_and_are_counted()
    {
        await using var bench = await RunnerBench.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => bench.RunAsync($"console.log({i})")));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}\n"), answers.Select(a => a.Body["stdout"]!.GetValue<string>()));
        var (_, stats) = await bench.GetAsync("/runner/stats");
        Assert.Equal((200, 200), (stats["received"]!.GetValue<int>(), stats["executed"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_token_is_asked_for_when_one_is_set()
    {
        await using var bench = await RunnerBench.StartAsync(new RunnerOptions { AuthToken = "secret" });

        Assert.Equal(401, (await bench.GetAsync("/languages")).Status);
        bench.Client.DefaultRequestHeaders.Add("X-Auth-Token", "secret");
        Assert.Equal(200, (await bench.GetAsync("/languages")).Status);
    }
}
