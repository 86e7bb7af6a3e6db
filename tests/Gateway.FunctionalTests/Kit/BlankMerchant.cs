using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Sandbox;
using Microsoft.AspNetCore.Builder;

namespace Gateway.FunctionalTests.Kit;

/// <summary>A merchant who has signed up at Paygentic and done nothing yet, and a folder with the configuration and catalogue that users get.</summary>
internal sealed class BlankMerchant : IAsyncDisposable
{
    private readonly WebApplication _sandbox;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("merchant-");

    private BlankMerchant(WebApplication sandbox)
    {
        _sandbox = sandbox;
        Http = new HttpClient { BaseAddress = new Uri(sandbox.Urls.First()), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_sandbox") } };
        File.Copy(Path.Combine(Configurations.RepositoryRoot(), "config", "catalog.json"), CatalogPath);
    }

    public HttpClient Http { get; }

    public string Folder => _folder.FullName;

    public string ConfigPath => Path.Combine(Folder, "gateway.json");

    public string CatalogPath => Path.Combine(Folder, "catalog.json");

    public string IdsPath => Path.Combine(Folder, "gateway.ids.json");

    public static async Task<BlankMerchant> StartAsync()
    {
        var sandbox = SandboxHost.Build(new SandboxOptions { Urls = "http://127.0.0.1:0", Seed = new SandboxSeed { Product = "Somebody's other product", Plan = "Another plan" } });
        await sandbox.StartAsync();
        var merchant = new BlankMerchant(sandbox);
        merchant.WriteConfiguration();
        return merchant;
    }

    /// <summary>The sample without any id of Paygentic's: those come from the catalogue.</summary>
    public void WriteConfiguration(Action<JsonObject>? edit = null)
    {
        var root = Configurations.Demo();
        root["Urls"] = "http://127.0.0.1:0";
        var gateway = root["Gateway"]!.AsObject();
        gateway["DataDirectory"] = Path.Combine(Folder, "data");
        gateway["Paygentic"]!["BaseUrl"] = Http.BaseAddress!.ToString();
        gateway["Admin"]!["Url"] = $"http://127.0.0.1:{Ports.Free()}";
        gateway["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 100 };
        gateway["ApiKeys"]!.AsObject().Remove("Static");
        foreach (var metric in gateway["Metrics"]!.AsObject()) metric.Value!.AsObject().Remove("BillableMetricId");
        gateway["Plans"]!["pay-as-you-go"]!.AsObject().Remove("PlanId");
        edit?.Invoke(root);
        File.WriteAllText(ConfigPath, root.ToJsonString());
    }

    public void EditCatalog(string from, string to) => File.WriteAllText(CatalogPath, File.ReadAllText(CatalogPath).Replace(from, to, StringComparison.Ordinal));

    public async Task<JsonArray> ListAsync(string resource) => (await Http.GetFromJsonAsync<JsonNode>($"/v0/{resource}?limit=100&merchantId=org_sandbox"))!["data"]!.AsArray();

    public async Task FaultAsync(params object[] faults)
    {
        using var response = await Http.PostAsJsonAsync("/sandbox/faults", faults);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _sandbox.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
