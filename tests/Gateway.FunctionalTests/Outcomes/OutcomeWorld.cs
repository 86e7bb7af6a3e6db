using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>A gateway that speaks HTTP/1.1 and HTTP/2, and behind it an upstream that can end in every way.</summary>
internal sealed class OutcomeWorld : IAsyncDisposable
{
    private readonly World _world;
    private readonly WebApplication _gateway;

    private OutcomeWorld(World world, OutcomeUpstream upstream, WebApplication gateway)
    {
        (_world, Upstream, _gateway) = (world, upstream, gateway);
        var addresses = gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (Http1, Http2) = (new Uri(addresses[0]), new Uri(addresses[1]));
    }

    public OutcomeUpstream Upstream { get; }

    public Uri Http1 { get; }

    public Uri Http2 { get; }

    public IServiceProvider Services => _gateway.Services;

    /// <param name="shutdownSeconds">How long those have that are there when the gateway is told to stop.</param>
    /// <param name="wallet">In dollars.</param>
    /// <param name="edit">What else is configured differently.</param>
    /// <param name="others">Customers besides the demo's.</param>
    public static async Task<OutcomeWorld> StartAsync(
        int shutdownSeconds = 30, string wallet = "100.00", Action<JsonObject>? edit = null, params SeedCustomer[] others)
    {
        var world = await World.StartAsync(RedisKind.Embedded, wallet, others);
        var upstream = await OutcomeUpstream.StartAsync();
        var path = world.WriteConfiguration(root =>
        {
            Configure(root, upstream, shutdownSeconds);
            edit?.Invoke(root);
        });
        var gateway = GatewayHost.Build(path);
        await gateway.StartAsync();
        return new OutcomeWorld(world, upstream, gateway);
    }

    /// <summary>A request is served, and the next ones have leases: on a busy machine the first may be refused, while the embedded Redis is compiled.</summary>
    public async Task HasFundsAtHandAsync()
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-API-Key", World.Key);
        var deadline = new Deadline(TimeSpan.FromSeconds(60));
        HttpStatusCode status;
        do
        {
            using var answer = await client.PostAsync(new Uri(Http1, $"/h1/default/http/ok/{Guid.NewGuid():N}"), new StringContent("{}"));
            status = answer.StatusCode;
        }
        while (status != HttpStatusCode.OK && await deadline.TickAsync());
    }

    public Task StopAsync() => _gateway.StopAsync();

    /// <summary>The sandbox of the provider fails so from now on.</summary>
    public Task FaultAsync(params object[] faults) => _world.FaultAsync(faults);

    /// <summary>How often it has.</summary>
    public Task<long> FaultHitsAsync() => _world.HitsAsync();

    /// <summary>How the request of this id ended and what it cost, once it has ended.</summary>
    public async Task<Settlement?> EndOfAsync(Guid requestId)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        do
        {
            foreach (var (type, id, _, settlement) in Entries())
            {
                if (id == requestId && type != RecordType.HoldPlaced) return settlement;
            }
        }
        while (await deadline.TickAsync());
        throw new TimeoutException($"{requestId} never ended.");
    }

    /// <summary>Ids of requests that held something, in their order.</summary>
    public IEnumerable<Guid> Held() => Entries().Where(e => e.Type == RecordType.HoldPlaced).Select(e => e.Request).Distinct();

    /// <summary>Ids that held something which is neither charged nor given back.</summary>
    public IEnumerable<Guid> Open() => Entries().GroupBy(e => e.Request).Where(g => g.All(e => e.Type == RecordType.HoldPlaced)).Select(g => g.Key);

    /// <summary>Units set aside for a request on all its meters, by its id or its slice's.</summary>
    public Dictionary<Guid, long> HeldUnits() => Entries().GroupBy(e => e.Request).ToDictionary(g => g.Key, g => g.Sum(e => e.Held));

    /// <summary>What the sandbox has of a customer.</summary>
    public Task<Ledger> LedgerWhenAsync(string customer, Func<Ledger, bool> settled) => _world.LedgerWhenAsync(settled, TimeSpan.FromSeconds(20), customer);

    public IEnumerable<Settlement> Settled() => Entries().Select(e => e.Settlement).OfType<Settlement>();

    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        await _world.DisposeAsync();
    }

    private List<(RecordType Type, Guid Request, long Held, Settlement? Settlement)> Entries()
    {
        var entries = new List<(RecordType, Guid, long, Settlement?)>();
        using var reader = Services.GetRequiredService<UsageJournal>().ReadFrom(default);
        while (reader.TryRead(out var entry))
        {
            if (entry.Type == RecordType.HoldPlaced && entry.Read<HoldPlaced>() is var hold) entries.Add((entry.Type, hold.RequestId, hold.Units, null));
            else if (entry.Type == RecordType.HoldReleased) entries.Add((entry.Type, entry.Read<HoldReleased>().RequestId, 0, null));
            else if (entry.Type == RecordType.Settled && entry.Read<Settled>().Settlement is var settlement) entries.Add((entry.Type, settlement.RequestId, 0, settlement));
        }

        return entries;
    }

    private static void Configure(JsonObject root, OutcomeUpstream upstream, int shutdownSeconds)
    {
        root.Remove("Urls");
        root["shutdownTimeoutSeconds"] = shutdownSeconds;
        root["Kestrel"] = Parse("""
            { "Endpoints": { "A": { "Url": "http://127.0.0.1:0", "Protocols": "Http1" }, "B": { "Url": "http://127.0.0.1:0", "Protocols": "Http2" } } }
            """);
        var gateway = root["Gateway"]!.AsObject();
        gateway["Metrics"]!["milliseconds"] = Parse("""{ "BillableMetricId": "bm_execution_time", "Unit": "millisecond" }""");
        var (routes, proxied, clusters) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var (cluster, address, version, patience) in new[]
        {
            ("h1", upstream.Http1, "1.1", "00:01:00"), ("h2", upstream.Http2, "2", "00:01:00"), ("refused", ClosedPort(), "1.1", "00:01:00"),
            ("h1-hasty", upstream.Http1, "1.1", "00:00:00.3"), ("h2-hasty", upstream.Http2, "2", "00:00:00.3"),
        })
        {
            clusters[cluster] = Parse($$"""
                { "Destinations": { "one": { "Address": "{{address}}" } },
                  "HttpRequest": { "Version": "{{version}}", "VersionPolicy": "RequestVersionExact", "ActivityTimeout": "{{patience}}" } }
                """);
            foreach (var (policy, hold) in new[] { ("default", 60_000), ("measured", 60_000), ("slices", 200), ("flat", 0) })
            {
                var id = $"{cluster}-{policy}";
                proxied[id] = Parse($$"""{ "ClusterId": "{{cluster}}", "Match": { "Path": "/{{cluster}}/{{policy}}/{**rest}" } }""");
                routes[id] = Parse($$"""
                    { "Meters": [ { "Metric": "basic-submissions" }, { "Metric": "milliseconds", "Source": "UpstreamMilliseconds", "Hold": {{hold}} } ] }
                    """);
                if (policy == "flat") routes[id] = Parse("""{ "Meters": [ { "Metric": "basic-submissions" } ] }""");
                if (policy == "measured")
                    routes[id]!["Billable"] = new JsonObject([.. BillablePolicy.Breaks.Select(o => KeyValuePair.Create(o.ToString(), (JsonNode?)"Measured"))]);
            }
        }

        gateway["Routes"] = routes;
        root["ReverseProxy"] = new JsonObject { ["Routes"] = proxied, ["Clusters"] = clusters };
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;

    private static Uri ClosedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // never listens, and nobody else gets it while it was just in use
        return new Uri($"http://{socket.LocalEndPoint}/");
    }
}
