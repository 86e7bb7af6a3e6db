using System.Globalization;
using Gateway.Pricing;
using Gateway.Pricing.Matching;

namespace Gateway.Tests.Pricing.Matching;

public sealed class AcceptedValuesTests
{
    private const string Yes = nameof(Answer.Yes);
    private const string No = nameof(Answer.No);
    private const string Unclear = nameof(Answer.Unclear);

    [Theory] // configured, JSON value, answer
    [InlineData("73,61", "73", Yes)]
    [InlineData("73,61", "61.0", Yes)]
    [InlineData("73,61", "7.3e1", Yes)]
    [InlineData("73,61", "730e-1", Yes)]
    [InlineData("7.3e1", "73", Yes)]
    [InlineData("73,61", "74", No)]
    [InlineData("73,61", "-73", No)]
    [InlineData("73,61", "73.9", Unclear)]
    [InlineData("73,61", "73.00000000000000000000000001", Unclear)]
    [InlineData("9007199254740992", "9007199254740993", Unclear)]
    [InlineData("1.5", "1.6", No)]
    [InlineData("1.5", "1.5000000000000000000000001", Unclear)]
    [InlineData("73,61", "1e99999999999999999999", Unclear)]
    [InlineData("73,pro", "1e99999999999999999999", No)]
    [InlineData("73,61", "\"73\"", Yes)]
    [InlineData("73,61", "\"73.0\"", Yes)]
    [InlineData("73,61", "\"74\"", No)]
    [InlineData("73,61", "\" 73\"", Unclear)]
    [InlineData("73,61", "\"73abc\"", Unclear)]
    [InlineData("73,61", "\"073\"", Unclear)]
    [InlineData("73,61", "\"7.3e1\"", Unclear)]
    [InlineData("73,61", "\"\"", Unclear)]
    [InlineData("73,61", "\"python\"", Unclear)]
    [InlineData("73,61", "{}", Unclear)]
    [InlineData("73,61", "[73]", Unclear)]
    [InlineData("73,61", "true", No)]
    [InlineData("73,61", "null", No)]
    [InlineData("73,pro", "\"pro\"", Yes)]
    [InlineData("73,pro", "\"Pro\"", No)]
    [InlineData("73,pro", "\" 73\"", No)]
    [InlineData("73,pro", "\"73.0\"", Yes)]
    [InlineData("73,pro", "[]", No)]
    [InlineData("pro", "73", No)]
    [InlineData("pro", "{}", No)]
    [InlineData("true", "true", Yes)]
    [InlineData("True", "true", Yes)]
    [InlineData("true", "false", No)]
    [InlineData("False", "false", Yes)]
    [InlineData("true", "\"true\"", Yes)]
    [InlineData("true", "1", No)]
    public void Values_of_a_body(string configured, string json, string expected)
    {
        var fields = new BodyFields();
        var matcher = new BodyMatcher("$.x", fields.Add(["x"]), new AcceptedValues(configured.Split(',')));
        var values = fields.Read(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"x\":{json}}}")));

        Assert.Null(values.Error);
        Assert.Equal(expected, matcher.Matches(Facts.Of(body: values)).ToString());
    }

    [Theory]
    [InlineData("73,61", "73", Yes)]
    [InlineData("73,61", "73.0", Yes)]
    [InlineData("73,61", "74", No)]
    [InlineData("73,61", "latest", No)]
    [InlineData("73,61", "", No)]
    [InlineData("73,61", " 73", Unclear)]
    [InlineData("73,61", "073", Unclear)]
    [InlineData("73,61", "73abc", Unclear)]
    [InlineData("73,61", "73.9", Unclear)]
    [InlineData("73,pro", "073", No)]
    [InlineData("pro", "pro", Yes)]
    [InlineData("pro", "PRO", No)]
    [InlineData("pro", "pro ", No)]
    public void Text_of_a_header_query_or_path(string configured, string text, string expected) =>
        Assert.Equal(expected, new AcceptedValues(configured.Split(',')).Text(text).ToString());

    [Theory]
    [InlineData("pro,max", "free, pro", Unclear)]
    [InlineData("pro,max", "pro,free", Unclear)]
    [InlineData("pro,max", ",\tmax ,", Unclear)]
    [InlineData("pro,max", "free, other", No)]
    [InlineData("pro,max", "free;pro", No)]
    [InlineData("73", "72, 73", Unclear)]
    [InlineData("73,max", "72, 73", Unclear)]
    public void A_line_of_a_header_may_be_a_list(string configured, string line, string expected) =>
        Assert.Equal(expected, new AcceptedValues(configured.Split(',')).Line(line).ToString());

    [Fact]
    public void A_list_that_is_configured_as_it_is_written_is_no_list() => Assert.Equal(Answer.Yes, new AcceptedValues("a", "a, b").Line("a, b"));
}
