using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Torture.Streams;

/// <summary>One round's processes: an upstream of events, the sandbox, the gateway, and bare YARP; and their folder.</summary>
internal sealed partial class StreamWorld : IAsyncDisposable
{
    public const string Requests = "bm_requests";
    public const string Seconds = "bm_seconds";
    public const string WarmUp = "cus_warm";
    private const string AdminToken = "torture";
    private const decimal SecondPrice = 0.01m; // a request costs so little beside it that the funds end with the seconds

    private readonly StreamPlan _plan;
    private readonly Uri _upstream;
    private readonly (int Http1, int Http2) _gatewayPorts = (Ports.Free(), Ports.Free());
    private readonly (int Http1, int Http2) _barePorts = (Ports.Free(), Ports.Free());
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private readonly Uri _sandbox = new($"http://127.0.0.1:{Ports.Free()}");
    private readonly Uri _admin = new($"http://127.0.0.1:{Ports.Free()}");
    private readonly Child _upstreamProcess;
    private readonly Child _sandboxProcess;

    private StreamWorld(StreamPlan plan)
    {
        _plan = plan;
        var (http1, http2) = (Ports.Free(), Ports.Free());
        _upstream = new Uri($"http://127.0.0.1:{(plan.UpstreamVersion == "2.0" ? http2 : http1)}");
        _upstreamProcess = Child.Start("Gateway.Torture", "stream-upstream", Text(http1), Text(http2), Text(plan.EventMilliseconds));
        var (seed, config) = (Path.Combine(Folder.FullName, "sandbox.json"), Path.Combine(Folder.FullName, "gateway.json"));
        File.WriteAllText(seed, Seed().ToJsonString());
        File.WriteAllText(config, Settings().ToJsonString());
        _sandboxProcess = Child.Start("Gateway.Sandbox", "--urls", _sandbox.ToString(), "--seed", seed, "--keep-events", Text(int.MaxValue));
        Bare = Child.StartMeasured(HeapSocket("bare"), "Gateway.Torture", "bare-proxy", Text(_barePorts.Http1), Text(_barePorts.Http2), _upstream.ToString(), plan.UpstreamVersion);
        GatewayConfig = config;
    }

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("streams-");

    public Child Bare { get; }

    public Child Gateway { get; private set; } = null!;

    public string JournalFolder => Path.Combine(Folder.FullName, "data", "journal");

    private string GatewayConfig { get; }

    public static async Task<StreamWorld> StartAsync(StreamPlan plan)
    {
        var world = new StreamWorld(plan);
        try
        {
            await world.StartAsync();
            return world;
        }
        catch (TimeoutException)
        {
            foreach (var child in world.Children()) Console.WriteLine(child.Output);
            await world.DisposeAsync();
            throw;
        }
    }

    public static string KeyOf(string customer) => $"key_{customer}_000000000001";

    public static string CustomerOf(Fate fate, int number) => string.Create(CultureInfo.InvariantCulture, $"cus_{fate}_{number}").ToLowerInvariant();

    public string HeapSocket(string process) => Path.Combine(Folder.FullName, process + ".sock");

    public Uri AddressOf(Child proxy) => new($"http://127.0.0.1:{(proxy, _plan.Http2) switch
    {
        _ when proxy == Bare => _plan.Http2 ? _barePorts.Http2 : _barePorts.Http1,
        _ => _plan.Http2 ? _gatewayPorts.Http2 : _gatewayPorts.Http1,
    }}");

    /// <summary>The upstream ends each stream of the group at some time within <paramref name="over"/>.</summary>
    public async Task EndAsync(Fate group, TimeSpan over)
    {
        using var answer = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_upstream, $"/end/{group}?over={over.TotalSeconds.ToString(CultureInfo.InvariantCulture)}"))
        {
            Version = Version.Parse(_plan.UpstreamVersion),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        answer.EnsureSuccessStatusCode();
    }

    public Task<JsonNode> LedgerAsync() => GetAsync(new Uri(_sandbox, "/sandbox/ledger"));

    public async Task<JsonArray> EventsAsync() => (await GetAsync(new Uri(_sandbox, "/sandbox/events?limit=2000000000")))["events"]!.AsArray();

    /// <summary>The gateway's figures.</summary>
    public Task<JsonNode> StateAsync() => GetAsync(new Uri(_admin, "/state"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var child in Children()) await child.DisposeAsync();

        Folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        await Rig.UntilAsync(async () => (await _http.GetAsync(new Uri(_sandbox, "/sandbox/faults"))).IsSuccessStatusCode, TimeSpan.FromSeconds(60), "the sandbox to answer");
        await Task.WhenAll(_upstreamProcess.LineAsync(UpstreamReady()), Bare.LineAsync(BareReady())).WaitAsync(TimeSpan.FromSeconds(60));
        Gateway = Child.StartMeasured(HeapSocket("gateway"), "Gateway", "--config", GatewayConfig);
        await Rig.ReadyAsync(Gateway).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private IEnumerable<Child> Children() => new[] { Gateway, Bare, _sandboxProcess, _upstreamProcess }.Where(c => c is not null);

    private async Task<JsonNode> GetAsync(Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "Authorization", $"Bearer {AdminToken}" } } };
        using var answer = await _http.SendAsync(request);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync())!;
    }

    private IEnumerable<string> Customers() =>
        Enum.GetValues<Fate>().SelectMany(f => Enumerable.Range(0, _plan.CustomersPerFate).Select(n => CustomerOf(f, n))).Prepend(WarmUp);

    private JsonObject Settings() => new()
    {
        ["Kestrel"] = Parse($$"""
            { "Endpoints": { "A": { "Url": "http://127.0.0.1:{{_gatewayPorts.Http1}}", "Protocols": "Http1" }, "B": { "Url": "http://127.0.0.1:{{_gatewayPorts.Http2}}", "Protocols": "Http2" } } }
            """),
        [nameof(Gateway)] = new JsonObject
        {
            ["DataDirectory"] = Path.Combine(Folder.FullName, "data"),
            ["Paygentic"] = new JsonObject { ["BaseUrl"] = _sandbox.ToString(), ["ApiKey"] = "sk_test_sandbox", ["MerchantId"] = "org_sandbox" },
            ["Admin"] = new JsonObject { ["Url"] = _admin.ToString(), ["Token"] = AdminToken },
            ["ApiKeys"] = new JsonObject { ["Static"] = new JsonArray([.. Customers().Select(c => new JsonObject { ["Key"] = KeyOf(c), ["CustomerId"] = c })]) },
            ["Metrics"] = Parse($$"""
                { "requests": { "BillableMetricId": "{{Requests}}", "Unit": "request" }, "seconds": { "BillableMetricId": "{{Seconds}}", "Unit": "second" } }
                """),
            ["Routes"] = Parse($$"""
                { "streams": { "Meters": [ { "Metric": "requests" }, { "Metric": "seconds", "Source": "UpstreamSeconds", "Hold": {{_plan.HoldSeconds}} } ] } }
                """),
            ["Journal"] = new JsonObject { ["SegmentBytes"] = 268_435_456 }, // one segment has it all
            ["Shipping"] = new JsonObject { ["Aggregate"] = "None" },
        },
        ["ReverseProxy"] = Parse($$"""
            {
              "Routes": { "streams": { "ClusterId": "upstream", "Match": { "Path": "/streams/{**rest}" } } },
              "Clusters": { "upstream": { "Destinations": { "one": { "Address": "{{_upstream}}" } },
                "HttpRequest": { "Version": "{{_plan.UpstreamVersion}}", "VersionPolicy": "RequestVersionExact" } } }
            }
            """),
    };

    private JsonObject Seed() => new()
    {
        ["product"] = "Streams",
        ["plan"] = "Pay as you go",
        ["metrics"] = new JsonArray(
            new JsonObject { ["id"] = Requests, ["name"] = "Requests", ["unit"] = "request", ["unitPrice"] = "0.000001" },
            new JsonObject { ["id"] = Seconds, ["name"] = "Seconds", ["unit"] = "second", ["unitPrice"] = SecondPrice.ToString(CultureInfo.InvariantCulture) }),
        ["customers"] = new JsonArray([.. Customers().Select(c => new JsonObject
        {
            ["id"] = c, ["name"] = c, ["email"] = c + "@example.com", ["wallet"] = WalletOf(c),
        })]),
    };

    /// <summary>Of those whose funds are to end: two slices for each stream.</summary>
    private string WalletOf(string customer)
    {
        for (var i = 0; i < _plan.CustomersPerFate; i++)
        {
            if (customer == CustomerOf(Fate.Cut, i))
                return ((SecondPrice * _plan.HoldSeconds * 2 * _plan.StreamsOf(Fate.Cut, i)) + 0.02m).ToString(CultureInfo.InvariantCulture);
        }

        return "1000000";
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("The upstream is ready")]
    private static partial Regex UpstreamReady();

    [GeneratedRegex("The proxy is ready")]
    private static partial Regex BareReady();
}
