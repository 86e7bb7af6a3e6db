using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Demo.Runner;
using Gateway.Sandbox;
using Microsoft.AspNetCore.Builder;

namespace Gateway.FunctionalTests.Kit;

/// <summary>Everything a gateway needs around it, on real ports: the sandbox, a code runner, a Redis, a folder and a configuration file.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string Key = "demo_key_do_not_use_in_production";
    public const string Customer = "cus_demo";

    /// <summary>The sandbox's prices in its smallest unit, a billionth of a dollar.</summary>
    public const long BasicPrice = 1_000_000;

    private readonly WebApplication _sandbox;
    private readonly WebApplication _runner;
    private readonly RedisServer? _redis;

    private World(WebApplication sandbox, WebApplication runner, RedisServer? redis, string folder)
    {
        (_sandbox, _runner, _redis, Folder) = (sandbox, runner, redis, folder);
        Sandbox = new HttpClient { BaseAddress = new Uri(sandbox.Urls.First()) };
        Runner = new HttpClient { BaseAddress = new Uri(runner.Urls.First()) };
    }

    public string Folder { get; }

    public HttpClient Sandbox { get; }

    public HttpClient Runner { get; }

    /// <param name="redis">Where the pool is.</param>
    /// <param name="wallet">The demo customer's, in dollars.</param>
    /// <param name="others">Customers besides.</param>
    public static Task<World> StartAsync(RedisKind redis, string wallet = "1.00", params SeedCustomer[] others) =>
        StartAsync(redis, new SandboxOptions { Seed = Seeds.Demo(wallet, others) });

    /// <param name="redis">Where the pool is.</param>
    /// <param name="options">The sandbox's, but for where it listens.</param>
    /// <param name="clock">The sandbox's.</param>
    public static async Task<World> StartAsync(RedisKind redis, SandboxOptions options, TimeProvider? clock = null)
    {
        var server = redis == RedisKind.Server ? await RedisServer.StartAsync() : null;
        var sandbox = SandboxHost.Build(options with { Urls = "http://127.0.0.1:0" }, clock);
        var runner = await RunnerHost.BuildAsync(new RunnerOptions { Urls = "http://127.0.0.1:0", MaxQueue = 10_000 });
        await sandbox.StartAsync();
        await runner.StartAsync();
        return new World(sandbox, runner, server, Directory.CreateTempSubdirectory("gateway-").FullName);
    }

    /// <summary>Writes the configuration the demo ships with, its addresses put right and then changed by <paramref name="edit"/>.</summary>
    public string WriteConfiguration(Action<JsonObject>? edit = null)
    {
        var root = Configurations.Demo();
        root["Urls"] = "http://127.0.0.1:0";
        var gateway = root["Gateway"]!.AsObject();
        gateway["DataDirectory"] = Path.Combine(Folder, "data");
        gateway["Paygentic"]!["BaseUrl"] = Sandbox.BaseAddress!.ToString();
        gateway["Admin"]!["Url"] = "http://127.0.0.1:0";
        gateway["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 100 };
        if (_redis is not null) gateway["Redis"] = new JsonObject { ["Mode"] = "External", ["Connection"] = _redis.Connection };
        root["ReverseProxy"]!["Clusters"]!["runner"]!["Destinations"]!["local"]!["Address"] = Runner.BaseAddress!.ToString();
        edit?.Invoke(root);
        var path = Path.Combine(Folder, "gateway.json");
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }

    public Task<RunningGateway> StartGatewayAsync(Action<JsonObject>? edit = null) => RunningGateway.StartAsync(WriteConfiguration(edit));

    /// <summary>The Redis server's; none when it is embedded.</summary>
    public string RedisAddress => _redis!.Connection;

    public Task StopRedisAsync() => _redis!.StopAsync();

    /// <summary>From now on its clients may use keys of these patterns only, as its access list writes them.</summary>
    public Task AllowRedisAsync(params string[] patterns) => _redis!.ExecuteAsync("ACL", ["SETUSER", "default", "resetkeys", .. patterns]);

    public Task StopRunnerAsync() => _runner.StopAsync();

    public async Task<long> RunnerReceivedAsync() =>
        (await Runner.GetFromJsonAsync<JsonNode>("/runner/stats"))!["received"]!.GetValue<long>();

    public async Task<Ledger> LedgerAsync(string customer = Customer) =>
        new((await Sandbox.GetFromJsonAsync<JsonNode>($"/sandbox/ledger?customerId={customer}"))!);

    /// <summary>The ledger once <paramref name="settled"/> holds of it, or as it is after <paramref name="patience"/>: the assertion then says what is wrong.</summary>
    public async Task<Ledger> LedgerWhenAsync(Func<Ledger, bool> settled, TimeSpan? patience = null, string customer = Customer)
    {
        var deadline = new Deadline(patience ?? TimeSpan.FromSeconds(10));
        while (true)
        {
            var ledger = await LedgerAsync(customer);
            if (settled(ledger) || !await deadline.TickAsync()) return ledger;
        }
    }

    public async Task<JsonArray> EventsAsync() =>
        (await Sandbox.GetFromJsonAsync<JsonNode>($"/sandbox/events?customerId={Customer}&limit=100000"))!["events"]!.AsArray();

    /// <summary>
    /// The requests that were charged, once all of <paramref name="answered"/> are, or as it is after ten seconds. A count would be reached too early: after a
    /// kill, charges can outnumber answers.
    /// </summary>
    public async Task<List<string>> ChargedAsync(IReadOnlyCollection<string> answered)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (true)
        {
            List<string> charged = [.. (await EventsAsync()).Select(e => e!["metadata"]!["requestId"]!.GetValue<string>())];
            if (!answered.Except(charged).Any() || !await deadline.TickAsync()) return charged;
        }
    }

    public async Task FaultAsync(params object[] faults)
    {
        using var response = await Sandbox.PostAsJsonAsync("/sandbox/faults", faults);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Calls that the sandbox was sent, by operation.</summary>
    public async Task<JsonNode> CallsAsync() => (await Sandbox.GetFromJsonAsync<JsonNode>("/sandbox/ledger"))!["calls"]!;

    /// <summary>How often the faults in force have struck.</summary>
    public async Task<long> HitsAsync() => (await Sandbox.GetFromJsonAsync<JsonArray>("/sandbox/faults"))!.Sum(f => f!["hits"]!.GetValue<long>());

    public async ValueTask DisposeAsync()
    {
        Sandbox.Dispose();
        Runner.Dispose();
        await _sandbox.DisposeAsync();
        await _runner.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
