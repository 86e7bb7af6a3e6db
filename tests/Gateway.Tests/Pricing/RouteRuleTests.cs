using Gateway.Configuration;
using Gateway.Pricing;
using Gateway.Tests.Configuration;

namespace Gateway.Tests.Pricing;

public sealed class RouteRuleTests
{
    [Theory]
    [InlineData("""{"language_id":71}""", "", "premium-submissions,execution-time")]
    [InlineData("""{"language_id":"163"}""", "", "premium-submissions,execution-time")]
    [InlineData("""{"language_id":50}""", "", "basic-submissions,execution-time")]
    [InlineData("""{"language_id":50}""", "?language_id=71", "premium-submissions,execution-time")]
    [InlineData("", "?language_id=71", "premium-submissions,execution-time")]
    [InlineData("", "", "basic-submissions,execution-time")]
    [InlineData("{}", "", "basic-submissions,execution-time")]
    [InlineData("""{"language_id":null}""", "", "basic-submissions,execution-time")]
    public void The_demo_charges(string body, string query, string expected)
    {
        var rule = Rule(TestConfiguration.Demo());
        var selection = rule.Select(Facts.WithBody(rule, body, query));
        Assert.Null(selection.Malformed);
        Assert.Equal(expected.Split(','), selection.Meters.Select(m => m.Metric.Name.Value));
    }

    [Theory]
    [InlineData("""{"language_id":" 71"}""", "", "What the body's '$.language_id' holds must be a plain number here.")]
    [InlineData("""{"language_id":50}""", "?language_id=071", "What the query parameter 'language_id' holds must be a plain number here.")]
    [InlineData("""{"language_id":71,"language_id":50}""", "", "The body names the property 'language_id' twice in one object.")]
    [InlineData("language_id=71", "", "The body is not valid JSON at line 1, byte 1.")]
    public void What_is_unclear_is_refused_and_not_guessed(string body, string query, string expected)
    {
        var rule = Rule(TestConfiguration.Demo());
        var selection = rule.Select(Facts.WithBody(rule, body, query));
        Assert.Equal(expected, selection.Malformed);
        Assert.Empty(selection.Meters);
    }

    [Theory]
    [InlineData("?tier=basic&tier=premium", new[] { "basic" }, "The price depends on the query parameter 'tier', which is there more than once: some servers take the first, others the last.")]
    [InlineData("?tier=premium&tier=basic", new[] { "basic" }, "The price depends on the query parameter 'tier', which is there more than once: some servers take the first, others the last.")]
    [InlineData("?tier=basic", new[] { "basic", "premium" }, "The price depends on the header 'X-Tier', which is there more than once: some servers take the first, others the last.")]
    [InlineData("?tier=basic", new[] { "premium, basic" }, "The price depends on the header 'X-Tier', which is a list here: some servers take the first of it, others the last, or all of it as one.")]
    public void What_is_there_twice_is_refused_where_the_price_looks_at_it(string query, string[] header, string expected)
    {
        var rule = Rule(TestConfiguration.WithMeters(
            """[ { "Metric": "basic-submissions", "When": { "Query": { "tier": "basic" }, "Header": { "X-Tier": "basic" } } }, { "Metric": "premium-submissions", "Otherwise": true } ]"""));
        var selection = rule.Select(Facts.Of(query: query, headers: [("X-Tier", header)]));
        Assert.Equal(expected, selection.Malformed);
        Assert.Empty(selection.Meters);
    }

    [Fact]
    public void What_is_there_twice_does_not_matter_where_another_alternative_decides()
    {
        var rule = Rule(TestConfiguration.Demo());
        Assert.Equal("premium-submissions", rule.Select(Facts.WithBody(rule, """{"language_id":71}""", "?language_id=50&language_id=71")).Meters[0].Metric.Name.Value);
        Assert.True(rule.Select(Facts.WithBody(rule, """{"language_id":50}""", "?language_id=50&language_id=71")).IsMalformed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(30)]
    public void Every_condition_that_holds_charges_and_otherwise_only_without_any(int conditions)
    {
        var metered = Enumerable.Range(0, conditions).Select(i => $$"""{ "Metric": "premium-submissions", "When": { "Query": { "q{{i}}": "on" } } }""");
        var meters = string.Join(',', [
            """{ "Metric": "execution-time", "Source": "UpstreamSeconds" }""",
            .. metered,
            .. conditions == 0 ? (string[])[] : ["""{ "Metric": "basic-submissions", "Otherwise": true }"""]]);
        var rule = Rule(TestConfiguration.WithMeters($"[{meters}]"));
        var random = new Random(conditions);

        for (var round = 0; round < 50; round++)
        {
            var on = Enumerable.Range(0, conditions).Where(_ => random.Next(3) == 0).ToList();
            var query = "?" + string.Join('&', on.Select(i => $"q{i}=on"));
            int[] expected = [0, .. on.Select(i => i + 1), .. on.Count == 0 && conditions > 0 ? (int[])[conditions + 1] : []];
            Assert.Equal(expected, rule.Select(Facts.Of(query: query)).Meters.Select(m => m.Index));
        }
    }

    [Fact]
    public void A_condition_that_does_not_hold_charges_nothing()
    {
        var rule = Rule(TestConfiguration.WithMeters("""[ { "Metric": "basic-submissions", "When": { "Method": "PUT", "Query": { "a": "1" } } } ]"""));
        Assert.Empty(rule.Select(Facts.Of("POST", "?a=1")).Meters);
        Assert.Single(rule.Select(Facts.Of("PUT", "?a=1")).Meters);
    }

    [Theory]
    [InlineData("""{"n":1}""", 1L)]
    [InlineData("""{"n":[1,2]}""", 2L)]
    [InlineData("""{"n":null}""", 2L)]
    [InlineData("{}", 2L)]
    [InlineData("""{"n":0}""", null)]
    [InlineData("""{"n":[]}""", null)]
    [InlineData("""{"n":[1]}""", null)]
    public void What_an_api_with_a_value_of_its_own_could_take_for_nothing_is_refused(string body, long? units)
    {
        var rule = Rule(TestConfiguration.WithMeters("""[ { "Metric": "basic-submissions", "Source": "RequestJson", "Path": "$.n", "IfMissing": 2 } ]"""));
        var selection = rule.Select(Facts.WithBody(rule, body));
        Assert.Equal(units, selection.IsMalformed ? null : selection.Meters[0].HoldUnits);
    }

    [Theory]
    [InlineData("?n=20", true)]
    [InlineData("?a=1&n", true)]
    [InlineData("?%6E=20", true)]
    [InlineData("?[n=20", true)]
    [InlineData("?n[]=20", true)]
    [InlineData("?n[][a]=20", true)]
    [InlineData("?n%5Ba%5D=20", true)]
    [InlineData("?N=20", true)]
    [InlineData("?a;n=20", true)]
    [InlineData("?+n=20", true)]
    [InlineData("?a[n]=20", false)]
    [InlineData("?nn=20&m=n&n.x=1", false)]
    [InlineData("?", false)]
    [InlineData("", false)]
    public void A_quantity_of_the_body_that_some_would_read_from_the_query_is_refused(string query, bool isRefused)
    {
        var rule = Rule(TestConfiguration.WithMeters("""[ { "Metric": "basic-submissions", "Source": "RequestJson", "Path": "$.n", "IfMissing": 1 } ]"""));
        var selection = rule.Select(Facts.WithBody(rule, """{"n":1}""", query));
        Assert.Equal(
            isRefused ? "The price depends on the body's '$.n', and the query has a parameter 'n': some servers take it in place of the body's." : null, selection.Malformed);
        Assert.Equal(isRefused, rule.Select(Facts.WithBody(rule, "{}", query)).IsMalformed);
    }

    [Theory]
    [InlineData("?a=1", true)]
    [InlineData("?a[n]=1", true)]
    [InlineData("?n=1", false)]
    public void Of_a_quantity_deep_in_the_body_the_outermost_name_counts(string query, bool isRefused)
    {
        var rule = Rule(TestConfiguration.WithMeters("""[ { "Metric": "basic-submissions", "Source": "RequestJson", "Path": "$.a.n", "IfMissing": 1 } ]"""));
        Assert.Equal(isRefused, rule.Select(Facts.WithBody(rule, """{"a":{"n":1}}""", query)).IsMalformed);
    }

    [Theory]
    [InlineData("""[ { "Metric": "basic-submissions" } ]""")]
    [InlineData("""[ { "Metric": "premium-submissions", "When": { "Query": { "plan": ["pro", "max"] }, "Header": { "X-Plan": "pro" } } }, { "Metric": "basic-submissions", "Otherwise": true } ]""")]
    public void Selecting_does_not_allocate(string meters)
    {
        var rule = Rule(TestConfiguration.WithMeters(meters));
        var facts = Facts.Of(query: "?plan=pro", headers: [("X-Plan", ["pro"])]);
        for (var i = 0; i < 100; i++) rule.Select(in facts);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) rule.Select(in facts);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RouteRule Rule(Microsoft.Extensions.Configuration.IConfiguration configuration)
    {
        var result = GatewayConfiguration.Validate(configuration);
        Assert.Empty(result.Errors);
        Assert.True(result.Snapshot!.Catalog.TryGet("submissions", out var rule));
        return rule;
    }
}
