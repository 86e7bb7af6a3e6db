using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>
/// The time that is charged against the time that a truthful upstream says it took, on a machine that does nothing else and on one that is kept busy.
/// </summary>
[Collection(nameof(Alone))]
public sealed class MeasuredTimeTests
{
    [Theory]
    [InlineData(400, 1)]
    [InlineData(1_500, 4)]
    public async Task What_is_measured_is_within_two_milliseconds_of_what_the_upstream_says_at_the_99th_percentile(int requests, int clients)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded, wallet: "100.00");
        await using var upstream = await TruthfulUpstream.StartAsync();
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            root.UseUpstream(upstream.Address);
            root["Gateway"]!["Routes"]!["submissions"] = JsonNode.Parse("""{ "Meters": [ { "Metric": "execution-time", "Source": "UpstreamMilliseconds", "Hold": 20 } ] }""");
        });
        using var bare = new HttpClient { BaseAddress = upstream.Address };
        await UntilAllIsCompiledAsync(gateway.Client);

        // A processor that others take has its moments, and a bare client sees as many: a round in which that is beyond two milliseconds itself can show no more than that the gateway is no worse by two.
        // A clock that reads wrong is over in each round.
        var over = double.MaxValue;
        for (var round = 0; round < 10 && over > 0; round++)
        {
            var (measured, control) = await RoundAsync(gateway, bare, requests, clients);
            over = measured - 2 - (control > 2 ? control : 0);
        }

        Assert.True(over <= 0, string.Create(CultureInfo.InvariantCulture, $"{over:0.00} ms over in the last of ten rounds"));
    }

    /// <summary>
    /// The compiler that makes warm methods faster holds a processor for 3 ms at a time, which is more than is measured here; a gateway that has been up for a minute has it behind it.
    /// At most 10,000 requests.
    /// </summary>
    private static async Task UntilAllIsCompiledAsync(HttpClient client)
    {
        for (int asked = 0, idle = 0; asked < 10_000 && idle < 3; asked += 1_000)
        {
            var compiled = JitInfo.GetCompiledMethodCount();
            await Parallel.ForAsync(0, 1_000, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
            {
                using var answer = await client.PostJsonAsync("/submissions", "{}");
            });
            idle = JitInfo.GetCompiledMethodCount() - compiled < 20 ? idle + 1 : 0;
        }
    }

    /// <summary>What is measured over what the upstream says at the 99th percentile, in milliseconds: by the gateway, and by a bare client that asks the upstream itself in turn with it.</summary>
    private static async Task<(double Gateway, double Bare)> RoundAsync(RunningGateway gateway, HttpClient bare, int requests, int clients)
    {
        var said = new ConcurrentDictionary<Guid, double>();
        var control = new ConcurrentBag<double>();
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = clients, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
        {
            using (var answer = await gateway.Client.PostJsonAsync("/submissions", "{}")) said[Guid.Parse(answer.Headers.GetValues("X-Request-Id").Single())] = Took(answer);
            var began = TimeProvider.System.GetTimestamp();
            using (var answer = await bare.PostJsonAsync("/submissions", "{}")) control.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds - Took(answer));
        });

        var measured = Settled(gateway).Where(s => said.ContainsKey(s.RequestId)).Select(s => (s.UpstreamMicroseconds / 1000d) - said[s.RequestId]).ToArray();
        Assert.Equal(requests, measured.Length);
        Assert.True(measured.Min() > -0.01, "the gateway's clock starts before the upstream's and ends after it");
        return (At99($"gateway, {clients} at once", measured), At99($"bare client, {clients} at once", [.. control]));
    }

    private static double At99(string what, double[] over)
    {
        Array.Sort(over);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}, measured minus said in ms: least {over[0]:0.00}, p50 {over[over.Length / 2]:0.00}, p99 {over[over.Length * 99 / 100]:0.00}, most {over[^1]:0.00}"));
        return over[over.Length * 99 / 100];
    }

    private static double Took(HttpResponseMessage answer) => double.Parse(answer.Headers.GetValues("X-Took-Milliseconds").Single(), CultureInfo.InvariantCulture);

    private static List<Settlement> Settled(RunningGateway gateway)
    {
        var settled = new List<Settlement>();
        using var reader = gateway.Services.GetRequiredService<UsageJournal>().ReadFrom(default);
        while (reader.TryRead(out var entry))
        {
            if (entry.Type == RecordType.Settled) settled.Add(entry.Read<Settled>().Settlement);
        }

        return settled;
    }

    /// <summary>Works for some milliseconds and says how long it took, from the request's arrival to its answer.</summary>
    private sealed class TruthfulUpstream : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private TruthfulUpstream(WebApplication app) => _app = app;

        public Uri Address => new(_app.Urls.First());

        public static async Task<TruthfulUpstream> StartAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Services.AddRoutingCore();
            var app = builder.Build();
            app.Run(async context =>
            {
                var began = TimeProvider.System.GetTimestamp();
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(2, 10)), TimeProvider.System, context.RequestAborted);
                context.Response.Headers["X-Took-Milliseconds"] = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
                context.Response.ContentLength = 2;
                await context.Response.WriteAsync("{}");
            });
            await app.StartAsync();
            return new TruthfulUpstream(app);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
