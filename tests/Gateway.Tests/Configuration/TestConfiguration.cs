using System.Text;
using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>The demo's configuration file, and variations of it.</summary>
internal static class TestConfiguration
{
    public static string Root { get; } = FindRoot();

    public static string DemoPath { get; } = Path.Combine(Root, "config", "gateway.json");

    public static string DemoText { get; } = File.ReadAllText(DemoPath);

    /// <summary>The demo with these keys set; a null value takes away a key.</summary>
    public static IConfigurationRoot Demo(params (string Key, string? Value)[] changes)
    {
        var data = Data(DemoText);
        foreach (var (key, value) in changes)
        {
            foreach (var old in data.Keys.Where(k => IsUnder(k, key)).ToList()) data.Remove(old);
            if (value is not null) data[key] = value;
        }
        return ConfigurationFile.Compose(data, Nothing);
    }

    public static IConfigurationRoot FromJson(string json) => ConfigurationFile.Compose(Data(json), Nothing);

    public static GatewaySnapshot Snapshot(params (string Key, string? Value)[] changes)
    {
        var result = GatewayConfiguration.Validate(Demo(changes));
        Assert.Empty(result.Errors);
        return result.Snapshot!;
    }

    /// <summary>Errors as lines.</summary>
    public static List<string> Errors(params (string Key, string? Value)[] changes) =>
        [.. GatewayConfiguration.Validate(Demo(changes)).Errors.Select(e => e.ToString())];

    /// <summary>No environment: a test's outcome must not hang on the machine's.</summary>
    public static IReadOnlyDictionary<string, string?> Nothing { get; } = new Dictionary<string, string?>();

    /// <summary>The demo with <paramref name="meters"/> as the meters of its route <c>submissions</c>.</summary>
    public static IConfigurationRoot WithMeters(string meters)
    {
        var data = Data(DemoText);
        foreach (var old in data.Keys.Where(k => IsUnder(k, "Gateway:Routes:submissions:Meters")).ToList()) data.Remove(old);
        foreach (var (key, value) in Data($$"""{ "Gateway": { "Routes": { "submissions": { "Meters": {{meters}} } } } }""")) data[key] = value;
        return ConfigurationFile.Compose(data, Nothing);
    }

    private static IDictionary<string, string?> Data(string json)
    {
        var data = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), out var error);
        Assert.Null(error);
        return data!;
    }

    private static bool IsUnder(string key, string parent) =>
        key.Equals(parent, StringComparison.OrdinalIgnoreCase) || key.StartsWith(parent + ":", StringComparison.OrdinalIgnoreCase);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Gateway.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
