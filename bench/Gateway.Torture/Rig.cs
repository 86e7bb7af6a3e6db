using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Torture;

/// <summary>A sandbox, an upstream, a folder and a gateway's configuration. The gateway listens at the same address in each of its lives.</summary>
internal sealed partial class Rig : IAsyncDisposable
{
    public const string Customer = "cus_torture";
    public const string Key = "torture_key_0000000000000001";
    public const string Basic = "bm_basic";
    public const string Premium = "bm_premium";
    private const string AdminToken = "torture";

    private readonly Upstream _upstream;
    private readonly JsonObject _settings;
    private readonly HttpClient _admin;

    private Rig(Child sandbox, Uri sandboxAddress, Upstream upstream, DirectoryInfo folder, JsonObject journal, JsonObject shipping)
    {
        (SandboxProcess, _upstream, Folder) = (sandbox, upstream, folder);
        Sandbox = new HttpClient { BaseAddress = sandboxAddress, Timeout = TimeSpan.FromMinutes(5) };
        Address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        AdminAddress = new Uri($"http://127.0.0.1:{Ports.Free()}");
        _admin = new HttpClient { BaseAddress = AdminAddress, Timeout = TimeSpan.FromSeconds(5), DefaultRequestHeaders = { { "Authorization", $"Bearer {AdminToken}" } } };
        _settings = Settings(journal, shipping);
        File.WriteAllText(ConfigPath, _settings.ToJsonString());
    }

    public Child SandboxProcess { get; }

    public HttpClient Sandbox { get; }

    public DirectoryInfo Folder { get; }

    public Uri Address { get; }

    public Uri AdminAddress { get; }

    public long UpstreamReceived => _upstream.Received;

    public string JournalFolder => Path.Combine(Folder.FullName, "data", "journal");

    private string ConfigPath => Path.Combine(Folder.FullName, "gateway.json");

    /// <param name="keepEvents">How many events the sandbox can show again; all are counted.</param>
    public static async Task<Rig> StartAsync(Func<TimeSpan> upstreamDelay, JsonObject journal, JsonObject shipping, int keepEvents = 1000)
    {
        var folder = Directory.CreateTempSubdirectory("torture-");
        var seed = Path.Combine(folder.FullName, "sandbox.json");
        await File.WriteAllTextAsync(seed, Seed().ToJsonString());
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var sandbox = Child.Start("Gateway.Sandbox", "--urls", address.ToString(), "--seed", seed, "--keep-events", keepEvents.ToString(CultureInfo.InvariantCulture));
        var rig = new Rig(sandbox, address, await Upstream.StartAsync(upstreamDelay), folder, journal, shipping);
        await UntilAsync(async () => (await rig.Sandbox.GetAsync(new Uri("/sandbox/faults", UriKind.Relative))).IsSuccessStatusCode, TimeSpan.FromSeconds(30), "the sandbox to answer");
        return rig;
    }

    public Child StartGateway() => Child.Start("Gateway", "--config", ConfigPath);

    public static Task ReadyAsync(Child gateway) => gateway.LineAsync(Listening());

    public void Change(Action<JsonObject> edit)
    {
        edit(_settings["Gateway"]!.AsObject());
        File.WriteAllText(ConfigPath, _settings.ToJsonString());
    }

    public async Task FaultsAsync(params JsonObject[] faults)
    {
        using var answer = await Sandbox.PostAsJsonAsync("/sandbox/faults", faults);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<JsonNode> LedgerAsync() => (await Sandbox.GetFromJsonAsync<JsonNode>("/sandbox/ledger"))!;

    /// <summary>Quantity and number of events of a metric at the sandbox.</summary>
    public static (long Quantity, long Events) Total(JsonNode ledger, string metric) =>
        ledger["customers"]![0]!["metrics"]!.AsArray().FirstOrDefault(m => (string?)m!["billableMetricId"] == metric) is { } total
            ? ((long)total["quantity"]!, (long)total["events"]!)
            : (0, 0);

    public async Task<JsonArray> EventsAsync() => (await Sandbox.GetFromJsonAsync<JsonNode>("/sandbox/events?limit=2000000000"))!["events"]!.AsArray();

    public async Task<JsonNode> StateAsync() => (await _admin.GetFromJsonAsync<JsonNode>("/state"))!;

    public HttpRequestMessage Request(bool premium) => new(HttpMethod.Post, new Uri(Address, "/submissions"))
    {
        Content = new StringContent(premium ? """{"language_id":71}""" : """{"language_id":63}""", Encoding.UTF8, "application/json"),
        Headers = { { "X-API-Key", Key } },
    };

    /// <summary>Looks again every 20 ms. What throws, because something is away, is not there yet.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan patience, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (await holds()) return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // not yet
            }

            if (TimeProvider.System.GetElapsedTime(started) > patience) throw new TimeoutException($"Waited {patience} for {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Sandbox.Dispose();
        _admin.Dispose();
        await SandboxProcess.DisposeAsync();
        await _upstream.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    private JsonObject Settings(JsonObject journal, JsonObject shipping) => new()
    {
        ["Urls"] = Address.ToString(),
        ["Gateway"] = new JsonObject
        {
            ["DataDirectory"] = Path.Combine(Folder.FullName, "data"),
            ["Paygentic"] = new JsonObject { ["BaseUrl"] = Sandbox.BaseAddress!.ToString(), ["ApiKey"] = "sk_test_sandbox", ["MerchantId"] = "org_sandbox" },
            ["Admin"] = new JsonObject { ["Url"] = AdminAddress.ToString(), ["Token"] = AdminToken },
            ["ApiKeys"] = new JsonObject { ["Static"] = new JsonArray(new JsonObject { ["Key"] = Key, ["CustomerId"] = Customer }) },
            ["Metrics"] = new JsonObject
            {
                ["basic-submissions"] = new JsonObject { ["BillableMetricId"] = Basic, ["Unit"] = "submission" },
                ["premium-submissions"] = new JsonObject { ["BillableMetricId"] = Premium, ["Unit"] = "submission" },
            },
            ["Routes"] = new JsonObject
            {
                ["submissions"] = new JsonObject
                {
                    ["Meters"] = new JsonArray(
                        new JsonObject { ["Metric"] = "premium-submissions", ["When"] = new JsonObject { ["Body"] = new JsonObject { ["$.language_id"] = 71 } } },
                        new JsonObject { ["Metric"] = "basic-submissions", ["Otherwise"] = true }),
                    ["WhenUnavailable"] = "Deny",
                },
            },
            ["Journal"] = journal,
            ["Shipping"] = shipping,
        },
        ["ReverseProxy"] = new JsonObject
        {
            ["Routes"] = new JsonObject { ["submissions"] = new JsonObject { ["ClusterId"] = "upstream", ["Match"] = new JsonObject { ["Path"] = "/submissions" } } },
            ["Clusters"] = new JsonObject { ["upstream"] = new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { [nameof(Address)] = _upstream.Address.ToString() } } } },
        },
    };

    private static JsonObject Seed() => new()
    {
        ["product"] = "Torture",
        ["plan"] = "Pay as you go",
        ["metrics"] = new JsonArray(
            new JsonObject { ["id"] = Basic, ["name"] = "Basic", ["unit"] = "submission", ["unitPrice"] = "0.001" },
            new JsonObject { ["id"] = Premium, ["name"] = "Premium", ["unit"] = "submission", ["unitPrice"] = "0.005" }),
        ["customers"] = new JsonArray(
            new JsonObject { ["id"] = Customer, ["name"] = "Torture", ["email"] = "torture@example.com", ["wallet"] = "100000000" }),
    };

    [GeneratedRegex("The gateway answers at")]
    private static partial Regex Listening();
}
