using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Sandbox;
using Microsoft.AspNetCore.Builder;

namespace Gateway.FunctionalTests.Kit;

/// <summary>Several gateways that share a Redis, a sandbox and an upstream; each has a data directory of its own.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly WebApplication _sandbox;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fleet-");
    private readonly string _redis;
    private readonly int _customers;

    private Fleet(WebApplication sandbox, CountingUpstream upstream, string redis, int customers)
    {
        (_sandbox, Upstream, _redis, _customers) = (sandbox, upstream, redis, customers);
        Sandbox = new HttpClient { BaseAddress = new Uri(sandbox.Urls.First()) };
    }

    public CountingUpstream Upstream { get; }

    public HttpClient Sandbox { get; }

    /// <param name="redis">Its connection string.</param>
    /// <param name="wallet">Dollars of each customer.</param>
    public static async Task<Fleet> StartAsync(string redis, int customers, Func<int, string> wallet)
    {
        var seed = Seeds.Demo("0") with
        {
            Customers = [.. Enumerable.Range(0, customers).Select(i => new SeedCustomer(Customer(i), $"Customer {i}", $"c{i}@example.com", wallet(i)))],
        };
        var sandbox = SandboxHost.Build(new SandboxOptions { Urls = "http://127.0.0.1:0", Seed = seed });
        await sandbox.StartAsync();
        return new Fleet(sandbox, await CountingUpstream.StartAsync(), redis, customers);
    }

    public static string Customer(int index) => $"cus_{index:D4}";

    /// <summary>Writes a node's configuration and says where.</summary>
    public string WriteConfiguration(int node, Action<JsonObject>? edit = null)
    {
        var root = Configurations.Demo();
        root["Urls"] = "http://127.0.0.1:0";
        var gateway = root["Gateway"]!.AsObject();
        gateway["DataDirectory"] = Path.Combine(_folder.FullName, $"node-{node}");
        gateway["Paygentic"]!["BaseUrl"] = Sandbox.BaseAddress!.ToString();
        gateway["Admin"] = new JsonObject { ["Url"] = "http://127.0.0.1:0", ["Token"] = "token" };
        gateway["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 100 };
        gateway["Redis"] = new JsonObject { ["Mode"] = "External", ["Connection"] = _redis };
        gateway["ApiKeys"]!["Static"] = new JsonArray(
            [.. Enumerable.Range(0, _customers).Select(i => new JsonObject { ["Key"] = Key(i), ["CustomerId"] = Customer(i) })]);
        root.UseUpstream(Upstream.Address);
        edit?.Invoke(root);
        var path = Path.Combine(_folder.FullName, $"node-{node}.json");
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }

    /// <summary>One submission of a customer; the language decides between the two metrics of submissions.</summary>
    public static HttpRequestMessage Submission(int customer, bool premium = false) => new(HttpMethod.Post, "/submissions?wait=true")
    {
        Content = Clients.Json($$"""{"source_code":"1","language_id":{{(premium ? 71 : 63)}}}"""),
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Key(customer)) },
    };

    public async Task<JsonNode> LedgerAsync() => (await Sandbox.GetFromJsonAsync<JsonNode>("/sandbox/ledger"))!;

    public async Task<List<string>> ChargedRequestsAsync(string billableMetric)
    {
        var events = (await Sandbox.GetFromJsonAsync<JsonNode>("/sandbox/events?limit=1000000"))!["events"]!.AsArray();
        return [.. events.Where(e => e!.ToJsonString().Contains($"\"{billableMetric}\"", StringComparison.Ordinal)).Select(e => e!["metadata"]!["requestId"]!.GetValue<string>())];
    }

    public async ValueTask DisposeAsync()
    {
        Sandbox.Dispose();
        await _sandbox.DisposeAsync();
        await Upstream.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Key(int customer) => $"key_of_customer_{customer:D4}";
}
