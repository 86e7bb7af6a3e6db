using System.Net;
using System.Text.Json.Nodes;
using Gateway.Demo.Runner;
using static Gateway.Demo.Tests.RunnerServer;

namespace Gateway.Demo.Tests;

public sealed class QueueTests
{
    [Fact]
    public async Task A_full_queue_is_answered_503_and_takes_more_when_there_is_room()
    {
        await using var server = await StartAsync(new RunnerOptions { EnablePython = false, MaxQueue = 1, Workers = 1 });
        var busy = await server.SubmitAsync(Program("for (;;) {}", cpu: 3));
        await server.PollAsync(busy, status => status == 2);
        var waiting = await server.SubmitAsync(Program("console.log('waited')"));
        var (status, body) = await server.PostAsync("/submissions", Program("1"));
        var (_, batch) = await server.PostAsync("/submissions/batch", new JsonObject { ["submissions"] = new JsonArray(Program("1")) });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("queue is full", (string?)body!["error"]);
        Assert.Equal("queue is full", (string?)batch![0]!["error"]);
        Assert.Equal(1, StatusOf((await server.GetAsync($"/submissions/{waiting}")).Body!));
        Assert.Equal("waited\n", (string?)(await server.PollAsync(waiting, s => s > 2))["stdout"]);
        await server.AssertStillAnswersAsync();
    }

    [Fact]
    public async Task Two_hundred_submissions_at_once_all_complete_with_their_own_output()
    {
        await using var server = await StartAsync(new RunnerOptions { EnablePython = false, MaxQueue = 200 });
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => server.RunAsync(Program("console.log(readline() * 2)", $"{i}"))));

        Assert.All(results.Index(), r => Assert.Equal($"{r.Index * 2}\n", (string?)r.Item["stdout"]));
        var stats = (await server.GetAsync("/runner/stats")).Body!;
        Assert.Equal(200, (long)stats["received"]!);
        Assert.Equal(200, (long)stats["executed"]!);
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_for_endless_programs()
    {
        var server = await StartAsync(new RunnerOptions { EnablePython = false, Workers = 1 });
        var busy = await server.SubmitAsync(Program("for (;;) {}", cpu: 15, wall: 20));
        await server.SubmitAsync(Program("for (;;) {}", cpu: 15, wall: 20));
        await server.PollAsync(busy, status => status == 2);

        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
