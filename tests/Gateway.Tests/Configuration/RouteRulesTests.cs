using Gateway.Configuration;
using Gateway.Pricing;

namespace Gateway.Tests.Configuration;

public sealed class RouteRulesTests
{
    private const string Route = "$.Gateway.Routes.submissions";

    [Theory]
    [InlineData("""[ { "Metric": "basic-submissions", "Hold": 2 } ]""", ".Meters[0].Hold: a request is always 1 unit; leave Hold out, or give another Source")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSeconds", "Hold": 0 } ]""", ".Meters[0].Hold: is 0, but must be from 1 to 1,000,000")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSecond", "Hold": 5 } ]""", ".Meters[0].Source: unknown source 'UpstreamSecond'; did you mean 'UpstreamSeconds'?")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "Megabytes" } ]""", ".Meters[0].Source: unknown source 'Megabytes'; known: Constant, RequestBytes, RequestJson, Requests, ResponseBytes, ResponseHeader, ResponseJson, UpstreamMilliseconds, UpstreamSeconds")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "ResponseHeader" } ]""", ".Meters[0].Header: is missing; name the header of the answer that has the number")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "ResponseHeader", "Header": "X Y" } ]""", ".Meters[0].Header: 'X Y' is not a header's name")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "ResponseJson", "Path": "time" } ]""", ".Meters[0].Path: is not a path into a body; write '$.name', '$.outer.inner' or \"$['odd name']\" (property names only)")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "ResponseJson", "Path": "$.time", "Multiply": -1 } ]""", ".Meters[0].Multiply: must be from 0.000000001 to 1,000,000")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "RequestJson", "Path": "$.n", "Hold": 3 } ]""", ".Meters[0].Hold: means nothing to RequestJson: what the request says is held")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "Constant", "Units": 2, "Hold": 3 } ]""", ".Meters[0].Hold: means nothing to a Constant: all of its Units are held")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSeconds", "Units": 2 } ]""", ".Meters[0].Units: means nothing to the source UpstreamSeconds; it belongs to Constant")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSeconds", "Until": "Body" } ]""", ".Meters[0].Until: 'Body' is not one of the choices: End, Headers")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSeconds", "Billable": { "UpstreamBroken": "Half" } } ]""", ".Meters[0].Billable.UpstreamBroken: 'Half' is not one of the choices: Nothing, Measured, Full")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSeconds", "Items": "$" } ]""", ".Meters[0].Items: means nothing without a Job")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "ResponseJson", "Path": "$.time", "Job": "judge" } ]""", ".Meters[0].Job: unknown job 'judge'; there is none yet")]
    [InlineData("""[ { "Metric": "execution-time", "Source": "UpstreamSeconds", "Job": "judge" } ]""", ".Meters[0].Job: needs \"Source\": \"ResponseJson\": what is charged once is what the answer with the result says", ".Meters[0].Job: unknown job 'judge'; there is none yet")]
    [InlineData("""[ { "Hold": 1 } ]""", ".Meters[0].Metric: is missing; name one of Gateway.Metrics")]
    [InlineData("""[ "basic-submissions" ]""", ".Meters[0]: must be an object", ": has no Meters; write \"Free\": true if it is meant to cost nothing")]
    [InlineData("[]", ": has no Meters; write \"Free\": true if it is meant to cost nothing")]
    [InlineData("""[ { "Metric": "basic-submissions" }, { "Metric": "basic-submissions" } ]""", ".Meters[1].Metric: 'basic-submissions' is already charged for every request of this route")]
    [InlineData("""[ { "Metric": "basic-submissions", "Otherwise": true } ]""", ".Meters: has an Otherwise, but no meter with When; leave Otherwise out to charge always")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Method": "POST" }, "Otherwise": true } ]""", ".Meters[0].Otherwise: a meter has When or Otherwise, not both")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": {} } ]""", ".Meters[0].When: is empty; leave it out to charge always")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": [] } ]""", ".Meters[0].When: is empty; leave it out to charge always")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Metod": "POST" } } ]""", ".Meters[0].When.Metod: unknown key 'Metod'; did you mean 'Method'?")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Method": "P ST" } } ]""", ".Meters[0].When.Method: 'P ST' is not a method")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": [ { "Method": "GET" }, { "Hedder": { "a": 1 } } ] } ]""", ".Meters[0].When[1].Hedder: unknown key 'Hedder'; did you mean 'Header'?")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Header": { "X Y": "1" } } } ]""", ".Meters[0].When.Header['X Y']: is not a header's name")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Query": { "q": [] } } } ]""", ".Meters[0].When.Query.q: has no values; give one or a list")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Query": { "q": { "a": 1 } } } } ]""", ".Meters[0].When.Query.q: must be a list")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Query": { "q": [ { "a": 1 } ] } } } ]""", ".Meters[0].When.Query.q[0]: must be a single value")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Path": { "tokn": "1" } } } ]""", ".Meters[0].When.Path.tokn: the route's path has no parameter 'tokn'; there is none yet")]
    [InlineData("""[ { "Metric": "basic-submissions", "When": { "Body": { "language_id": 1 } } } ]""", ".Meters[0].When.Body.language_id: is not a path into the body; write '$.name', '$.outer.inner' or \"$['odd name']\" (property names only)")]
    public void A_mistake_in_a_meter_is_named_with_its_place(string meters, params string[] expected)
    {
        var result = GatewayConfiguration.Validate(TestConfiguration.WithMeters(meters));
        Assert.Equal(expected.Select(e => Route + e), result.Errors.Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("Gateway:Routes:health:Free", "false", "$.Gateway.Routes.health.Anonymous: only a free route can be; without a key nobody could be charged", "$.Gateway.Routes.health: has no Meters; write \"Free\": true if it is meant to cost nothing")]
    [InlineData("Gateway:Routes:submissions:Free", "true", "$.Gateway.Routes.submissions.Free: a free route has no Meters; remove one of the two")]
    [InlineData("Gateway:Routes:submissions:Free", "perhaps", "$.Gateway.Routes.submissions.Free: must be true or false")]
    [InlineData("Gateway:Routes:submissions:Billable:Statuses", "200-", "$.Gateway.Routes.submissions.Billable.Statuses: cannot be read; write statuses from 100 to 599 and ranges of them, such as '200-399,404'")]
    [InlineData("Gateway:Routes:submissions:Billable:Status", "200", "$.Gateway.Routes.submissions.Billable.Status: unknown key 'Status'; did you mean 'Statuses'?")]
    [InlineData("Gateway:Routes:submissions:Meter", "x", "$.Gateway.Routes.submissions.Meter: unknown key 'Meter'; did you mean 'Meters'?")]
    [InlineData("Gateway:Routes:submissions:WhenUnavailable", "Allow", "$.Gateway.Routes.submissions.AllowanceUnits: is needed with \"WhenUnavailable\": \"Allow\": how many units a customer may have while billing is away")]
    [InlineData("Gateway:Routes:submissions:AllowanceUnits", "5", "$.Gateway.Routes.submissions.AllowanceUnits: means nothing without \"WhenUnavailable\": \"Allow\"")]
    public void A_mistake_in_a_route_is_named_with_its_place(string key, string value, params string[] expected) =>
        Assert.Equal(expected, TestConfiguration.Errors((key, value)));

    [Fact]
    public void The_demo_compiles_to_its_rules()
    {
        var catalog = TestConfiguration.Snapshot().Catalog;

        Assert.True(catalog.TryGet("submissions", out var rule));
        Assert.True(rule.InspectsBody);
        Assert.False(rule.Free);
        Assert.Equal(0, rule.Allowance);
        Assert.Equal(
            [(0, "premium-submissions", "Requests", 1L), (1, "basic-submissions", "Requests", 1L), (2, "execution-time", "UpstreamSeconds", 5L)],
            rule.Meters.Select(m => (m.Index, m.Metric.Name.Value, m.Source.Name, m.HoldUnits)));
        Assert.Equal(Rounding.Carry, rule.Meters[2].Metric.Rounding);

        Assert.True(catalog.TryGet("HEALTH", out var health));
        Assert.True(health is { Free: true, Anonymous: true, InspectsBody: false });
        Assert.False(catalog.TryGet("unknown", out _));
    }

    [Fact]
    public void An_allowance_is_units_per_customer_and_outage()
    {
        var catalog = TestConfiguration.Snapshot(
            ("Gateway:Routes:submissions:WhenUnavailable", "Allow"), ("Gateway:Routes:submissions:AllowanceUnits", "25")).Catalog;

        Assert.True(catalog.TryGet("submissions", out var rule));
        Assert.Equal(25, rule.Allowance);
    }

    [Fact]
    public void Unconditional_meters_of_different_metrics_may_stand_together() =>
        Assert.True(GatewayConfiguration.Validate(TestConfiguration.WithMeters(
            """[ { "Metric": "basic-submissions" }, { "Metric": "basic-submissions", "When": { "Method": "POST" } }, { "Metric": "execution-time" } ]""")).IsValid);

    [Fact]
    public void More_meters_than_a_route_can_have_are_refused()
    {
        var meters = string.Join(',', Enumerable.Repeat("""{ "Metric": "basic-submissions", "When": { "Method": "POST" } }""", 33));
        var error = Assert.Single(GatewayConfiguration.Validate(TestConfiguration.WithMeters($"[{meters}]")).Errors);
        Assert.Equal("has 33 meters; at most 32 are possible", error.Message);
    }
}
