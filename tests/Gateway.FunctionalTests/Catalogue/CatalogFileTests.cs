using Gateway.Catalogue;
using Gateway.Configuration;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Catalogue;

public sealed class CatalogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("catalog-");

    [Fact]
    public void The_sample_has_the_tutorials_three_metrics_at_its_price()
    {
        var catalog = CatalogFile.Read(Path.Combine(Configurations.RepositoryRoot(), "config", "catalog.json"));

        Assert.Equal(["basic-submissions", "execution-time", "premium-submissions"], catalog.Metrics.Select(m => m.Key).Order());
        Assert.Equal(0.001m, catalog.Plans.Single().Prices.Single(p => p.Metric == "basic-submissions").UnitPrice);
    }

    [Theory]
    [InlineData("""{}""", "$.Product.Name", "$.Product.Description", "$.Metrics")]
    [InlineData("""{"Product":{"Name":"P","Description":"d"},"Metrics":{"m":{"Name":"M","Description":"d","Unit":"u","Agregation":"x"}}}""", "$.Metrics.m.Agregation")]
    [InlineData("""{"Product":{"Name":"P","Description":"d"},"Metrics":{"m":{"Name":"M","Description":"d","Unit":"u"}},"Plans":{"p":{"Name":"P","Currency":"usd","Prices":{"n":"0","m":"0.0000000001"}}}}""",
        "$.Plans.p.Currency", "$.Plans.p.Prices.n", "$.Plans.p.Prices.m")]
    [InlineData("""{"Product":{"Name":"P","Description":"d"},"Metrics":{"m":{"Name":"M","Description":"d","Unit":"u"},"n":{"Name":"M","Description":"d","Unit":"u"}}}""", "$.Metrics")]
    [InlineData("""{"Product":""", "$")]
    public void What_is_wrong_is_named_by_its_place_all_at_once(string json, params string[] places)
    {
        var path = Path.Combine(_folder.FullName, "catalog.json");
        File.WriteAllText(path, json);

        var found = Assert.Throws<InvalidConfigurationException>(() => CatalogFile.Read(path));

        Assert.Equal(places.Order(), found.Errors.Select(e => e.Path).Distinct().Order());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
