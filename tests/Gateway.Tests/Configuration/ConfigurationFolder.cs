using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>A configuration file of the test's own, and what the gateway makes of its edits.</summary>
public sealed class ConfigurationFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-config-");

    public ConfigurationFolder() => Write(TestConfiguration.DemoText);

    public string FilePath => Path.Combine(_folder.FullName, "gateway.json");

    public string InFolder(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string text) => File.WriteAllText(FilePath, text);

    public void Edit(string was, string becomes)
    {
        var text = File.ReadAllText(FilePath);
        Assert.Contains(was, text, StringComparison.Ordinal);
        Write(text.Replace(was, becomes, StringComparison.Ordinal));
    }

    internal CheckedJsonConfigurationSource Source() => new(FilePath, TestConfiguration.Nothing);

    public void Dispose() => _folder.Delete(recursive: true);
}
