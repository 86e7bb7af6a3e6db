using System.Net;
using System.Text.Json.Nodes;
using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class SubmissionTests
{
    [Fact]
    public async Task A_trailing_slash_makes_no_difference()
    {
        await using var server = await StartAsync();
        var (status, body) = await server.PostAsync("/submissions/?wait=true", Program("console.log(1)"));

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("1\n", (string?)body!["stdout"]);
    }

    [Fact]
    public async Task An_unknown_token_is_not_found()
    {
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"/submissions/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task A_batch_gives_tokens_and_its_results_in_order()
    {
        await using var server = await StartAsync();
        var (_, answers) = await server.PostAsync("/submissions/batch", Batch(3));
        var tokens = answers!.AsArray().Select(a => (string)a!["token"]!).ToArray();
        foreach (var token in tokens) await server.PollAsync(token, status => status > 2);
        var shown = (await server.GetAsync($"/submissions/batch?tokens={string.Join(',', tokens)},unknown&fields=stdout")).Body!;

        Assert.Equal("""[{"stdout":"0\n"},{"stdout":"1\n"},{"stdout":"2\n"},null]""", shown["submissions"]!.ToJsonString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public async Task A_batch_of_none_or_of_more_than_20_is_refused(int count)
    {
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("/submissions/batch", Batch(count))).Status);
    }

    private static JsonObject Batch(int count) => new()
    {
        ["submissions"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => Program($"console.log({i})"))]),
    };
}
