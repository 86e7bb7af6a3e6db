using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Samples;

/// <summary>config/samples/piston.json with real programs: executed, and in an interactive session.</summary>
public sealed class PistonTests
{
    private const string Slow = "const end = Date.now() + 1300; while (Date.now() < end) {} console.log('done')";

    [Fact]
    public async Task A_program_costs_one_submission_and_the_milliseconds_that_piston_reports_as_seconds()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var piston = await PistonUpstream.StartAsync(world.Runner.BaseAddress!);
        await using var gateway = await world.StartSampleAsync("piston.json", piston.Address);

        var milliseconds = 0m;
        for (var i = 0; i < 2; i++)
        {
            using var answer = await ExecuteAsync(gateway, "javascript", Slow);
            milliseconds += (await answer.JsonAsync())["run"]!["wall_time"]!.GetValue<decimal>();
        }

        var seconds = (long)(milliseconds / 1000);
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 2 && l.Quantity("bm_execution_time") >= seconds);
        Assert.True(seconds >= 2);
        Assert.Equal((2, seconds), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
    }

    [Fact]
    public async Task A_program_that_fails_is_charged_a_request_that_piston_refuses_is_not_and_a_premium_language_is()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var piston = await PistonUpstream.StartAsync(world.Runner.BaseAddress!);
        await using var gateway = await world.StartSampleAsync("piston.json", piston.Address);

        using var failed = await ExecuteAsync(gateway, "javascript", "throw new Error('no')");
        using var refused = await gateway.Client.PostJsonAsync("/api/v2/execute", """{"language": "javascript"}""");
        using var premium = await ExecuteAsync(gateway, "rust", "1");
        using var runtimes = await gateway.Client.GetAnswerAsync("/api/v2/runtimes");
        using var packages = await gateway.Client.GetAnswerAsync("/api/v2/packages");

        Assert.Equal((HttpStatusCode.OK, 1), (failed.StatusCode, (await failed.JsonAsync())["run"]!["code"]!.GetValue<int>()));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK, HttpStatusCode.NotFound), (refused.StatusCode, runtimes.StatusCode, packages.StatusCode));
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 1 && l.Quantity("bm_premium") >= 1);
        Assert.Equal((1, 1), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_premium")));
    }

    [Fact]
    public async Task A_session_passes_unchanged_to_its_close_code_and_costs_its_start_and_its_time()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var piston = await PistonUpstream.StartAsync(world.Runner.BaseAddress!);
        await using var gateway = await world.StartSampleAsync("piston.json", piston.Address);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-API-Key", World.Key);

        await socket.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/api/v2/connect" }.Uri, TestContext.Current.CancellationToken);
        var init = new JsonObject { ["type"] = "init", ["language"] = "javascript", ["files"] = new JsonArray(new JsonObject { ["content"] = Slow }) };
        await socket.SendAsync(Encoding.UTF8.GetBytes(init.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var types = new List<string>();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is { MessageType: WebSocketMessageType.Text } message)
            types.Add(JsonNode.Parse(buffer.AsSpan(0, message.Count))!["type"]!.GetValue<string>());
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);

        Assert.Equal(["runtime", "data", "exit"], types);
        Assert.Equal((4999, "Job Completed"), ((int)socket.CloseStatus!, socket.CloseStatusDescription));
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= 1 && l.Quantity("bm_execution_time") >= 1);
        Assert.Equal(1, ledger.Quantity("bm_basic"));
        Assert.InRange(ledger.Quantity("bm_execution_time"), 1, 10); // a second and more, and a program on a busy machine
    }

    private static Task<HttpResponseMessage> ExecuteAsync(RunningGateway gateway, string language, string source) => gateway.Client.PostJsonAsync(
        "/api/v2/execute", new JsonObject { ["language"] = language, ["version"] = "*", ["files"] = new JsonArray(new JsonObject { ["content"] = source }) }.ToJsonString());
}
