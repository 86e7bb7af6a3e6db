using Gateway.Cli;
using Gateway.Tests.Configuration;

namespace Gateway.Tests.Cli;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly StringWriter _output = new();

    [Fact]
    public void A_valid_configuration_is_told_in_plain_words()
    {
        Assert.Equal(0, Run());
        Assert.Equal(
            "The configuration is valid. 4 routes (1 charged, 3 free), 3 metrics, 1 static key. Usage goes to 127.0.0.1 for merchant org_sandbox.",
            Lines()[0]);
        Assert.Contains(Lines(), l => l.StartsWith("health", StringComparison.Ordinal) && l.EndsWith("no key needed", StringComparison.Ordinal));
        Assert.Contains(Lines(), l => l.Contains("body $.language_id is 71, 163 or query language_id is 71, 163", StringComparison.Ordinal));
        Assert.Contains(Lines(), l => l.Contains("if the status is 200-399", StringComparison.Ordinal));
        Assert.Contains(Lines(), l => l.Contains("execution-time in seconds by UpstreamSeconds, fractions carried over", StringComparison.Ordinal));
        Assert.Contains(Lines(), l => l.EndsWith("5 seconds", StringComparison.Ordinal));
        Assert.DoesNotContain("demo_key", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("sk_test", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_told_one_a_line()
    {
        _folder.Edit("\"bm_basic\"", "\"\"");
        _folder.Edit("\"Statuses\"", "\"Status\"");

        Assert.Equal(1, Run());
        Assert.Equal(
            [
                "$.Gateway.Metrics.basic-submissions.BillableMetricId: is missing; give the id of the billable metric at Paygentic, 'bm_…'",
                "$.Gateway.Routes.submissions.Billable.Status: unknown key 'Status'; did you mean 'Statuses'?",
            ],
            Lines());
    }

    [Fact]
    public void The_environment_counts()
    {
        _folder.Edit("\"ApiKey\": \"sk_test_sandbox\",", "");
        Assert.Equal(1, Run());
        Assert.Equal(0, ValidateCommand.Run(_folder.FilePath, _output, new Dictionary<string, string?> { ["Gateway__Paygentic__ApiKey"] = "sk_test_x" }));
    }

    [Fact]
    public void A_missing_file_is_told()
    {
        Assert.Equal(2, ValidateCommand.Run(_folder.InFolder("other.json"), _output, TestConfiguration.Nothing));
        Assert.EndsWith("other.json: there is no such file", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_JSON_is_told_with_line_and_column()
    {
        _folder.Write("{\n  \"Gateway\": sk_live_secret\n}");
        Assert.Equal(2, Run());
        Assert.Equal($"{_folder.FilePath}: is not valid JSON at line 2, column 14", Assert.Single(Lines()));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
    }

    private int Run() => ValidateCommand.Run(_folder.FilePath, _output, TestConfiguration.Nothing);

    private string[] Lines() => _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
