using System.Net;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.FunctionalTests.Keys;
using Gateway.FunctionalTests.Kit;
using Gateway.FunctionalTests.Outcomes;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Shadow;

/// <summary>A route that is only tried out: what would have been done to its requests is what enforcing it does, and nothing of it is done.</summary>
public sealed class ShadowTests
{
    private const string Basic = """{"language_id": 63, "source_code": "1"}""";
    private const string Premium = """{"language_id": 71, "source_code": "1"}""";
    private const long FundsFor = 12;

    /// <summary>Key, content type, body.</summary>
    private static readonly (string? Key, string Type, string Body)[] Trace =
    [
        (null, "application/json", Basic),
        ("wrong", "application/json", Basic),
        .. Enumerable.Repeat((World.Key, "application/json", Basic), 5),
        (World.Key, "application/json", "{\"language_id\": "),
        (World.Key, "text/plain", Basic),
        (World.Key, "application/json", $"{{\"language_id\": 63, \"source_code\": \"{new string('x', 70_000)}\"}}"),
        .. Enumerable.Repeat((World.Key, "application/json", Premium), 1),
        .. Enumerable.Repeat((World.Key, "application/json", Basic), 12),
    ];

    [Theory, InlineData(RedisKind.Embedded), InlineData(RedisKind.Server)]
    public async Task Its_verdicts_are_what_enforcing_does_and_nobody_is_refused_or_charged(RedisKind redis)
    {
        await using var enforced = await World.StartAsync(redis, wallet: "0.012");
        await using var tried = await World.StartAsync(redis, wallet: "0.012");
        await using var upstream = await CountingUpstream.StartAsync();
        var (done, _) = await PlayAsync(enforced, upstream, mode: null);
        var before = upstream.Received.Values.Sum();

        var (answers, rows) = await PlayAsync(tried, upstream, "Shadow");

        Assert.All(answers, a => Assert.Equal("201", a));
        Assert.Equal(Trace.Length, upstream.Received.Values.Sum() - before);
        Assert.Equal(
            done.GroupBy(d => d).ToDictionary(g => g.Key, g => (long)g.Count()).OrderBy(d => d.Key, StringComparer.Ordinal),
            Verdicts(rows).OrderBy(d => d.Key, StringComparer.Ordinal));
        Assert.Equal(FundsFor, rows.Sum(r => (long?)r!["charged"]!["basic-submissions"] ?? 0));
        Assert.Equal(2, rows.Where(r => r!["customer"]!.GetValue<string>().Length == 0).Sum(r => (long)r!["requests"]!));
        var ledger = await tried.LedgerAsync();
        Assert.Equal((0L, 0L), (ledger.Charged, ledger.Quantity("bm_basic")));
        Assert.Equal(FundsFor, (await enforced.LedgerWhenAsync(l => l.Quantity("bm_basic") >= FundsFor)).Quantity("bm_basic"));
    }

    [Fact]
    public async Task A_client_sees_nothing_of_it_and_the_upstream_who_it_is()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root => Configure(root, upstream.Address, "Shadow"));
        const string Answer = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Odd: 1\r\n\r\n{}";
        upstream.Answer(Answer);

        var request = $"POST /submissions HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {Basic.Length}\r\nContent-Type: application/json\r\nAuthorization: Bearer @KEY\r\n\r\n{Basic}";
        var known = await RawHttp.ExchangeAsync(gateway.Address, request.Replace("@KEY", World.Key, StringComparison.Ordinal));
        var unknown = await RawHttp.ExchangeAsync(gateway.Address, request.Replace("@KEY", "upstreams-own", StringComparison.Ordinal));

        string[] added = ["X-Request-Id", "Date", "Connection"];
        Assert.Equal(RawHttp.Without(Answer, added), RawHttp.Without(known, added));
        Assert.Equal(RawHttp.Without(Answer, added), RawHttp.Without(unknown, added));
        Assert.Equal([World.Customer, null], upstream.Requests.Select(r => RawHttp.Header(r, "X-Customer-Id")));
        Assert.Equal([null, "Bearer upstreams-own"], upstream.Requests.Select(r => RawHttp.Header(r, "Authorization"))); // who comes with another key is not ours to strip
    }

    [Fact]
    public async Task A_body_that_is_too_long_to_be_looked_at_goes_through_whole_also_in_chunks()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = new Upstream();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configure(root, upstream.Address, "Shadow");
            root["Gateway"]!["MaxInspectedBodyBytes"] = 10;
        });
        upstream.Answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");

        await RawHttp.ExchangeAsync(
            gateway.Address,
            $"POST /submissions HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-API-Key: {World.Key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "8\r\n01234567\r\n8\r\n89abcdef\r\n4\r\nghij\r\n0\r\n\r\n");

        Assert.Equal("0123456789abcdefghij", RawHttp.Unchunked(Assert.Single(upstream.Requests)));
    }

    [Fact]
    public async Task Every_verdict_is_journaled_and_a_kill_makes_no_charge_of_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var upstream = await CountingUpstream.StartAsync();
        var path = world.WriteConfiguration(root => Configure(root, upstream.Address, "Shadow"));
        await using (var gateway = await GatewayProcess.StartAsync(path))
        {
            for (var i = 0; i < 5; i++) (await gateway.Client.PostJsonAsync("/submissions", Basic)).Dispose();
            (await gateway.Client.PostJsonAsync("/submissions", "{")).Dispose();
            await gateway.KillAsync();
        }

        await using (var restarted = await RunningGateway.StartAsync(path))
        {
            using var reader = restarted.Services.GetRequiredService<UsageJournal>().ReadFrom(default);
            var verdicts = new List<(string?, long)>();
            while (reader.TryRead(out var entry))
            {
                if (entry.IsSettled && entry.Read<Settled>().Settlement is var s) verdicts.Add((s.Verdict, s.Charges.ToArray().Sum(c => c.Units)));
            }

            Assert.Equal([.. Enumerable.Repeat(("allowed", 1L), 5), ("body-malformed", 0L)], verdicts);
        }

        Assert.Empty(await world.EventsAsync()); // also after a stop in good order, which ships what there is
    }

    [Fact]
    public async Task From_the_moment_that_it_is_enforced_it_is_charged_also_out_of_what_trying_it_set_aside()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, wallet: "0.010"); // ten requests: the first that is tried sets all of it aside
        await using var upstream = await CountingUpstream.StartAsync();
        var path = world.WriteConfiguration(root => Edit(root, "Shadow"));
        await using var gateway = await RunningGateway.StartAsync(path);
        for (var i = 0; i < 3; i++) (await gateway.Client.PostJsonAsync("/submissions", Basic)).Dispose();

        world.WriteConfiguration(root => Edit(root, mode: null));
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        var configuration = gateway.Services.GetRequiredService<CurrentConfiguration>();
        while (!configuration.TryGetRule("submissions", out var rule) || rule.IsShadow) Assert.True(await deadline.TickAsync());
        var (charged, others) = (0, new Dictionary<HttpStatusCode, int>());
        while (charged < 7)
        {
            using var answer = await gateway.Client.PostJsonAsync("/submissions", Basic);
            if (answer.Headers.Contains("Usage-Receipt")) charged++;
            else others[answer.StatusCode] = others.GetValueOrDefault(answer.StatusCode) + 1;
            Assert.True(await deadline.TickAsync(), $"{charged} were charged; others: {string.Join(", ", others)}");
        }

        Assert.Equal(charged, (await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= charged)).Quantity("bm_basic"));

        void Edit(JsonObject root, string? mode)
        {
            Configure(root, upstream.Address, mode);
            root["Gateway"]!["Reservations"] = new JsonObject { ["IdleSeconds"] = 1 };
        }
    }

    [Fact]
    public async Task An_answer_that_goes_on_is_not_cut_and_what_would_have_been_charged_ends_with_the_funds()
    {
        await using var world = await OutcomeWorld.StartAsync(wallet: "0.10", edit: root => root["Gateway"]!["Routes"]!["h1-slices"]!["Mode"] = "Shadow");
        using var client = new OutcomeClient(world, new OutcomeRow(Protocol.EventStream, Ending.Ok, "", ""), "slices", "finish");
        await client.BeginAsync();
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (!world.Settled().Any(s => s.Verdict == "no-funds")) Assert.True(await deadline.TickAsync());

        client.Release();
        await client.ReadToEndAsync();

        Assert.DoesNotContain("error", client.Reason, StringComparison.Ordinal);
        var all = world.Settled().ToList();
        Assert.Equal(Outcome.FundsEnded, all[^1].Outcome);
        Assert.InRange(all.Sum(s => s.Charges.ToArray().Where(c => c.Metric.Value == "milliseconds~shadow").Sum(c => c.Units)), 200, 1_000);
    }

    /// <summary>The same requests, one after the other.</summary>
    private static async Task<(List<string> Answers, JsonArray Report)> PlayAsync(World world, CountingUpstream upstream, string? mode)
    {
        await using var gateway = await world.StartGatewayAsync(root => Configure(root, upstream.Address, mode));
        var answers = new List<string>();
        foreach (var (key, type, body) in Trace)
        {
            using var client = Clients.For(gateway.Address, key);
            using var content = Clients.Json(body);
            content.Headers.ContentType = new(type);
            using var answer = await client.PostAsync(new Uri("/submissions", UriKind.Relative), content);
            answers.Add(mode is not null || answer.StatusCode == HttpStatusCode.Created
                ? mode is null ? "allowed" : $"{(int)answer.StatusCode}"
                : (await answer.JsonAsync())["type"]!.GetValue<string>().Split(':')[^1]);
        }

        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        return (answers, (await admin.GetAsync("/shadow")).Body.AsArray());
    }

    private static Dictionary<string, long> Verdicts(JsonArray rows)
    {
        var sums = new Dictionary<string, long>();
        foreach (var row in rows)
        {
            Count("allowed", (long)row!["allowed"]!);
            foreach (var (type, count) in row["refused"]!.AsObject()) Count(type, (long)count!);
        }

        return sums;

        void Count(string verdict, long more)
        {
            if (more > 0) sums[verdict] = sums.GetValueOrDefault(verdict) + more;
        }
    }

    private static void Configure(JsonObject root, Uri upstream, string? mode)
    {
        root.UseUpstream(upstream);
        root["Gateway"]!["Routes"]!["submissions"] = new JsonObject
        {
            ["Meters"] = new JsonArray(
                JsonNode.Parse("""{ "Metric": "premium-submissions", "When": { "Body": { "$.language_id": [ 71 ] } } }"""),
                JsonNode.Parse("""{ "Metric": "basic-submissions", "Otherwise": true }""")),
        };
        if (mode is not null) root["Gateway"]!["Routes"]!["submissions"]!["Mode"] = mode;
    }
}
