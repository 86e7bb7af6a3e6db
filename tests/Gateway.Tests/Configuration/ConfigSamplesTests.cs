using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>Whatever we show a user as a configuration is one.</summary>
public sealed partial class ConfigSamplesTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static TheoryData<string> Samples { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(TestConfiguration.Root, "config"), "*.json", SearchOption.AllDirectories)
            .Where(IsGatewayConfiguration)
            .Select(file => Path.GetRelativePath(TestConfiguration.Root, file))];

    [Theory]
    [MemberData(nameof(Samples))]
    public Task A_sample_is_valid(string file) => AssertValid(File.ReadAllText(Path.Combine(TestConfiguration.Root, file)));

    [Fact]
    public void The_demo_and_the_smallest_configuration_are_among_the_samples()
    {
        var names = Samples.Select(s => s.Data).ToList();
        Assert.Contains(Path.Combine("config", "gateway.json"), names);
        Assert.Contains(Path.Combine("config", "samples", "minimal.json"), names);
    }

    [Fact]
    public async Task Every_configuration_in_the_README_is_valid()
    {
        var readme = Path.Combine(TestConfiguration.Root, "README.md");
        var text = File.Exists(readme) ? await File.ReadAllTextAsync(readme, TestContext.Current.CancellationToken) : "";

        var blocks = Configurations(text);

        // Counted another way, so that a fence that is written otherwise is not passed over.
        Assert.Equal(QuotedSection().Count(text), blocks.Sum(b => QuotedSection().Count(b)));
        foreach (var block in blocks) await AssertValid(block);
    }

    [Fact]
    public void Configurations_in_markdown_are_found()
    {
        const string text = "a\n```jsonc\n{ \"Gateway\": {} }\n```\nb\n```json\n{ \"other\": 1 }\n```\n  ```json\n  {\"Gateway\" : 2}\n  ```\n";
        Assert.Equal(["{ \"Gateway\": {} }\n", "  {\"Gateway\" : 2}\n  "], Configurations(text));
    }

    [Theory]
    [InlineData("""{ "Gateway": { "Paygentic": {}, "Metrics": {}, "Routes": {}, "Shiping": {} }, "ReverseProxy": {} }""")]
    [InlineData("""{ "Gateway": { "Paygentic": { "TimeoutSeconds": 0 }, "Metrics": {}, "Routes": {} }, "ReverseProxy": {} }""")]
    [InlineData("""{ "Gateway": { "Paygentic": {}, "Metrics": {}, "Routes": { "r": { "Meters": [ { "Metric": "m", "Source": "Bytes" } ] } } }, "ReverseProxy": {} }""")]
    [InlineData("""{ "Gateway": { "Paygentic": {}, "Metrics": {}, "Routes": { "r": { "Meters": [ { "Metric": "m", "When": { "Body": { "x": 1 } } } ] } } }, "ReverseProxy": {} }""")]
    public async Task The_schema_refuses_mistakes(string json) => Assert.NotEmpty((await SchemaFile.Read()).Validate(json));

    private static async Task AssertValid(string text)
    {
        using var document = JsonDocument.Parse(text, Lenient);
        var strict = JsonSerializer.Serialize(document.RootElement);
        Assert.Empty((await SchemaFile.Read()).Validate(strict).Select(e => $"{e.Path}: {e.Kind}"));
        Assert.Empty(GatewayConfiguration.Validate(TestConfiguration.FromJson(text)).Errors);
    }

    // config/ also has the schema itself, and the sandbox's seed data.
    private static bool IsGatewayConfiguration(string file)
    {
        if (file.EndsWith(".schema.json", StringComparison.Ordinal)) return false;

        using var document = JsonDocument.Parse(File.ReadAllText(file), Lenient);
        return document.RootElement.TryGetProperty("Gateway", out _) || file.Contains("gateway", StringComparison.OrdinalIgnoreCase);
    }

    private static List<string> Configurations(string markdown) =>
        [.. Fence().Matches(markdown).Select(m => m.Groups[1].Value).Where(block => QuotedSection().IsMatch(block))];

    [GeneratedRegex(@"^[ \t]*```jsonc?[^\n]*\n(.*?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("\"Gateway\"\\s*:")]
    private static partial Regex QuotedSection();
}
