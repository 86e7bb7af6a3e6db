using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>A sandbox in a process of its own, niced, because it would run elsewhere; its wallets do not run out.</summary>
internal sealed class SandboxProcess
{
    private const int ExtraMetrics = 5;
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(1) };

    private SandboxProcess(Uri address) => Address = address;

    public Uri Address { get; }

    /// <param name="started">Whose it is.</param>
    /// <param name="world">Where its seed is written.</param>
    /// <param name="customers">How many there are: <c>cus_bench</c>, <c>cus_bench1</c> and so on.</param>
    /// <param name="latency">Of every call.</param>
    /// <param name="stop">Ends it before.</param>
    public static async Task<SandboxProcess> StartAsync(StartedSoFar started, ArmWorld world, int customers, TimeSpan latency, CancellationToken stop)
    {
        var address = Ports.FreeAddress();
        var seed = world.Folder.File(string.Create(CultureInfo.InvariantCulture, $"sandbox-{address.Port}.json"), Seed(customers).ToJsonString());
        var process = started.Start(Role.Billing, Launch.Dotnet("Gateway.Sandbox", "--urls", address.ToString(), "--seed", seed, "--keep-events", "1000") with { IsNice = true });
        var faults = new Uri(address, "/sandbox/faults");
        await Until.AnswersAsync(faults, process, stop);
        if (latency > TimeSpan.Zero)
        {
            var fault = new JsonObject { ["operation"] = "*", ["kind"] = "Latency", ["milliseconds"] = (int)latency.TotalMilliseconds };
            using var answer = await Http.PostAsJsonAsync(faults, new JsonArray(fault), stop);
            answer.EnsureSuccessStatusCode();
        }

        return new SandboxProcess(address);
    }

    public static string CustomerId(int number) => number == 0 ? Traffic.Customer : string.Create(CultureInfo.InvariantCulture, $"{Traffic.Customer}{number}");

    public static string MetricId(int number) => number == 0 ? Traffic.RequestsMetric : string.Create(CultureInfo.InvariantCulture, $"bm_extra{number}");

    /// <summary>Every call to Paygentic's API since the start.</summary>
    public async Task<long> CallsAsync(CancellationToken stop)
    {
        var ledger = await Http.GetFromJsonAsync<JsonNode>(new Uri(Address, "/sandbox/ledger?customerId=nobody"), stop);
        return ledger!["calls"]!.AsObject().Sum(call => (long)call.Value!);
    }

    /// <summary>Units of the metric of requests that the first customer was charged.</summary>
    public async Task<long> ReportedAsync(CancellationToken stop)
    {
        var ledger = await Http.GetFromJsonAsync<JsonNode>(new Uri(Address, "/sandbox/ledger?customerId=" + Traffic.Customer), stop);
        var metric = ledger!["customers"]![0]!["metrics"]!.AsArray().FirstOrDefault(m => (string?)m!["billableMetricId"] == Traffic.RequestsMetric);
        return metric is null ? 0 : (long)metric["quantity"]!;
    }

    private static JsonObject Seed(int customers) => new()
    {
        ["product"] = "Bench",
        ["plan"] = "Pay as you go",
        ["metrics"] = new JsonArray([.. Enumerable.Range(0, ExtraMetrics).Select(i =>
            new JsonObject { ["id"] = MetricId(i), ["name"] = MetricId(i), ["unit"] = "unit", ["unitPrice"] = "0.000001" })]),
        ["customers"] = new JsonArray([.. Enumerable.Range(0, customers).Select(i =>
            new JsonObject { ["id"] = CustomerId(i), ["name"] = "Bench", ["email"] = $"{CustomerId(i)}@example.com", ["wallet"] = "1000000" })]),
    };
}
