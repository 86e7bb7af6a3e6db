using Gateway.Cli.Catalog;
using Gateway.Tests.Configuration;

namespace Gateway.Tests.Cli;

public sealed class CatalogCommandTests
{
    [Fact]
    public async Task What_could_not_be_compared_is_not_said_to_be_as_it_should_be()
    {
        using var folder = new ConfigurationFolder();
        folder.Edit("http://127.0.0.1:8090", "http://127.0.0.1:1");
        var catalog = new FileInfo(Path.Combine(Path.GetDirectoryName(TestConfiguration.DemoPath)!, "catalog.json"));
        var output = new StringWriter();

        var exitCode = await ApplyCommand.RunAsync(folder.FilePath, catalog, isDryRun: false, json: false, output, TestContext.Current.CancellationToken);

        Assert.Equal((1, ""), (exitCode, output.ToString()));
    }
}
