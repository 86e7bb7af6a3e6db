using System.Globalization;
using Gateway.Configuration;
using Gateway.Configuration.Reading;

namespace Gateway.Catalogue;

/// <summary>Reads <c>catalog.json</c>. It is checked as the configuration is: every error at once, each with its place.</summary>
internal static class CatalogFile
{
    private const string Root = "catalog"; // a section has a name
    private const int MaxNameLength = 255;

    /// <exception cref="InvalidConfigurationException">It can not be read, or is not right.</exception>
    public static Catalog Read(string path)
    {
        var text = ConfigurationFile.TryRead(path) ?? throw Invalid(new ConfigurationError("$", $"the file {path} cannot be read"));
        var data = ConfigurationFile.Parse(text.File, out var error) ?? throw Invalid(error!);
        var findings = new Findings();
        using var root = (ConfigurationRoot)new ConfigurationBuilder().AddInMemoryCollection(data.Select(d => KeyValuePair.Create($"{Root}:{d.Key}", d.Value))).Build();
        var at = new SectionReader(root.GetSection(Root), "$", findings);
        at.Text("$schema");
        var catalog = Read(at);
        at.End();
        return findings.Count == 0 ? catalog : throw new InvalidConfigurationException(findings.All());
    }

    private static Catalog Read(SectionReader at)
    {
        var product = Product(at.Object("Product"));
        var metrics = at.Entries("Metrics").ConvertAll(Metric);
        var plans = at.Entries("Plans").ConvertAll(p => Plan(p, metrics));
        if (metrics.Count == 0) at.Error("Metrics", "is missing; name what is counted");
        Unique(at, "Metrics", metrics.Select(m => m.Name));
        Unique(at, "Plans", plans.Select(p => p.Name));
        return new Catalog(product, metrics, plans);
    }

    private static CatalogProduct Product(SectionReader at)
    {
        var product = new CatalogProduct(Name(at), at.Required("Description", "customers see it"));
        at.End();
        return product;
    }

    private static CatalogMetric Metric(SectionReader at)
    {
        if (!Checks.IsMetricName(at.Key)) at.Error($"'{at.Key}' is not a metric's name; {Checks.MetricNameForm}");
        var metric = new CatalogMetric(
            at.Key, Name(at), at.Required("Description", "say what it counts"), at.Required("Unit", "say what one of it is called, as in 'submission'"));
        at.End();
        return metric;
    }

    private static CatalogPlan Plan(SectionReader at, List<CatalogMetric> metrics)
    {
        var currency = at.Text("Currency", "USD");
        if (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)) at.Error("Currency", "must be three capital letters, as in USD");
        var prices = at.Object("Prices");
        var plan = new CatalogPlan(
            at.Key, Name(at), at.Text("Description"), currency, at.Choice("PaymentTerm", PaymentTerm.InArrears),
            [.. prices.Names().Select(name => new CatalogPrice(name, Amount(prices, name)))], Fee(at));
        foreach (var price in plan.Prices.Where(p => metrics.TrueForAll(m => m.Key != p.Metric)))
            prices.Error(price.Metric, $"is not one of the Metrics{Suggestion.For(price.Metric, metrics.ConvertAll(m => m.Key))}");
        if (plan.Prices.Count == 0) at.Error("Prices", "is missing; give each metric its price, as in \"basic-submissions\": \"0.001\"");
        at.End();
        return plan;
    }

    private static UpfrontFee? Fee(SectionReader at)
    {
        if (!at.Has("UpfrontFee")) return null;
        var fee = at.Object("UpfrontFee");
        var read = new UpfrontFee(Name(fee), Amount(fee, "Amount"));
        fee.End();
        return read;
    }

    private static string Name(SectionReader at)
    {
        var name = at.Required("Name", "it is what Paygentic shows, and what this is found by");
        if (name.Length > MaxNameLength) at.Error("Name", $"must have at most {MaxNameLength} characters");
        return name;
    }

    private static decimal Amount(SectionReader at, string name)
    {
        if (decimal.TryParse(at.Text(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && amount > 0 && decimal.Round(amount, 9) == amount) return amount;
        at.Error(name, "must be an amount above 0 with at most nine decimals, as in \"0.001\"");
        return 0;
    }

    private static void Unique(SectionReader at, string name, IEnumerable<string> names)
    {
        foreach (var twice in names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1))
            at.Error(name, $"two have the Name '{twice.Key}', but they are found by it");
    }

    private static InvalidConfigurationException Invalid(ConfigurationError error) => new([error]);
}
