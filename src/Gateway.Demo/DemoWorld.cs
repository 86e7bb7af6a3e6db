using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Admin;
using Gateway.Demo.Runner;
using Gateway.Sandbox;

namespace Gateway.Demo;

/// <summary>The sandbox, the code runner and the gateway in this process, from the files in <c>config/</c>. The data folder goes away at the end.</summary>
internal sealed class DemoWorld : IAsyncDisposable
{
    public const string Key = "demo_key_do_not_use_in_production";
    public const string Customer = "cus_demo";
    public const string WalletDollars = "0.10";

    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly WebApplication _sandbox;
    private readonly WebApplication _runner;
    private readonly WebApplication _gateway;
    private readonly string _folder;
    private bool _stopped;

    private DemoWorld(WebApplication sandbox, WebApplication runner, WebApplication gateway, string folder) =>
        (_sandbox, _runner, _gateway, _folder) = (sandbox, runner, gateway, folder);

    public Uri SandboxAddress => AddressOf(_sandbox);

    public Uri RunnerAddress => AddressOf(_runner);

    public Uri GatewayAddress => AddressOf(_gateway);

    public Uri AdminAddress => new(_gateway.Services.GetRequiredService<AdminServer>().Address!);

    public IServiceProvider Services => _gateway.Services;

    /// <param name="fixedPorts">The ports that the configuration names; else any that are free.</param>
    public static async Task<DemoWorld> StartAsync(bool fixedPorts)
    {
        var config = ConfigFolder();
        var seed = SandboxSeed.Read(Path.Combine(config, "sandbox.json"));
        var sandbox = SandboxHost.Build(new SandboxOptions { Seed = seed, Urls = Urls(8090, fixedPorts) });
        var runner = await RunnerHost.BuildAsync(new RunnerOptions { Urls = Urls(2358, fixedPorts) });
        await sandbox.StartAsync();
        await runner.StartAsync();

        var folder = Directory.CreateTempSubdirectory("gateway-demo-").FullName;
        var root = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(config, "gateway.json")), documentOptions: WithComments)!;
        root["Urls"] = Urls(8080, fixedPorts);
        root["Gateway"]!["Admin"]!["Url"] = Urls(8081, fixedPorts);
        root["Gateway"]!["DataDirectory"] = Path.Combine(folder, "data");
        root["Gateway"]!["Paygentic"]!["BaseUrl"] = AddressOf(sandbox).ToString();
        root["ReverseProxy"]!["Clusters"]!["runner"]!["Destinations"]!["local"]!["Address"] = AddressOf(runner).ToString();
        var path = Path.Combine(folder, "gateway.json");
        await File.WriteAllTextAsync(path, root.ToJsonString());
        var gateway = GatewayHost.Build(path);
        await gateway.StartAsync();
        return new DemoWorld(sandbox, runner, gateway, folder);
    }

    public async Task WaitForShutdownAsync()
    {
        await _gateway.WaitForShutdownAsync();
        _stopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped) await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        await _runner.DisposeAsync();
        await _sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Urls(int port, bool isFixed) => $"http://127.0.0.1:{(isFixed ? port : 0)}";

    private static Uri AddressOf(WebApplication app) => new(app.Urls.First());

    private static string ConfigFolder()
    {
        foreach (var start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var config = Path.Combine(folder.FullName, "config");
                if (File.Exists(Path.Combine(config, "gateway.json")) && File.Exists(Path.Combine(config, "sandbox.json"))) return config;
            }
        }

        throw new FileNotFoundException("config/gateway.json and config/sandbox.json are not to be found: run this from within the repository.");
    }
}
