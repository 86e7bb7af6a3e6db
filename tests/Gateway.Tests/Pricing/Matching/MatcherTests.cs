using Gateway.Pricing.Matching;

namespace Gateway.Tests.Pricing.Matching;

public sealed class MatcherTests
{
    [Theory]
    [InlineData("POST", nameof(Answer.Yes))]
    [InlineData("post", nameof(Answer.Yes))]
    [InlineData("PUT", nameof(Answer.Yes))]
    [InlineData("GET", nameof(Answer.No))]
    [InlineData("", nameof(Answer.No))]
    public void A_method(string method, string expected) => Assert.Equal(expected, new MethodMatcher(["POST", "PUT"]).Matches(Facts.Of(method)).ToString());

    [Theory]
    [InlineData("X-Plan", "pro", nameof(Answer.Yes))]
    [InlineData("x-plan", "pro", nameof(Answer.Yes))]
    [InlineData("X-Plan", "Pro", nameof(Answer.No))]
    [InlineData("X-Plans", "pro", nameof(Answer.No))]
    [InlineData("X_Plan", "pro", nameof(Answer.Unclear))]
    [InlineData("x_plan", "free", nameof(Answer.Unclear))]
    public void A_header(string name, string value, string expected) =>
        Assert.Equal(expected, new HeaderMatcher("X-Plan", new AcceptedValues("pro")).Matches(Facts.Of(headers: [("X-Other", ["free"]), (name, [value])])).ToString());

    [Theory]
    [InlineData("free", "pro")]
    [InlineData("pro", "free")]
    [InlineData("pro", "pro")]
    [InlineData("free", "free")]
    [InlineData("pro", "")]
    public void A_header_that_is_there_twice_is_unclear(string first, string second) =>
        Assert.Equal(Answer.Unclear, new HeaderMatcher("X-Plan", new AcceptedValues("pro")).Matches(Facts.Of(headers: [("X-Plan", [first, second])])));

    [Theory]
    [InlineData("?plan=pro", nameof(Answer.Yes))]
    [InlineData("?plan=free&plan=pro", nameof(Answer.Unclear))]
    [InlineData("?plan=pro&plan=free", nameof(Answer.Unclear))]
    [InlineData("?plan=pro&a=1&pl%61n=free", nameof(Answer.Unclear))]
    [InlineData("?plan=pro&plan", nameof(Answer.Unclear))]
    [InlineData("?plan=pro&plan=pro", nameof(Answer.Unclear))]
    [InlineData("?plan=free&plan=free", nameof(Answer.Unclear))]
    [InlineData("?plan=pro&a=1&a=2", nameof(Answer.Yes))]
    [InlineData("?plan=%70ro", nameof(Answer.Yes))]
    [InlineData("?plan=PRO", nameof(Answer.No))]
    [InlineData("?plan", nameof(Answer.No))]
    [InlineData("", nameof(Answer.No))]
    [InlineData("?%70lan=pro", nameof(Answer.Yes))]
    [InlineData("?a;b=c[]&plans[]=1&plan=pro", nameof(Answer.Yes))]
    [InlineData("?PLAN=pro", nameof(Answer.Unclear))]
    [InlineData("?plan=pro&Plan=free", nameof(Answer.Unclear))]
    [InlineData("?a=1;plan=pro", nameof(Answer.Unclear))]
    [InlineData("?plan=free;b", nameof(Answer.Unclear))]
    [InlineData("?[plan=pro", nameof(Answer.Unclear))]
    [InlineData("?%5Bplan=pro", nameof(Answer.Unclear))]
    [InlineData("?plan%5D=pro", nameof(Answer.Unclear))]
    [InlineData("?plan[]=pro", nameof(Answer.Unclear))]
    [InlineData("?+plan=pro", nameof(Answer.Unclear))]
    [InlineData("?%20PLAN=pro", nameof(Answer.Unclear))]
    [InlineData("?plan=a%3Bplan", nameof(Answer.No))]
    public void A_query_parameter(string query, string expected) =>
        Assert.Equal(expected, new QueryMatcher("plan", new AcceptedValues("pro")).Matches(Facts.Of(query: query)).ToString());

    [Theory]
    [InlineData("?my_plan=pro", nameof(Answer.Yes))]
    [InlineData("?my.plan=pro", nameof(Answer.Unclear))]
    [InlineData("?my+plan=pro", nameof(Answer.Unclear))]
    public void A_query_parameter_whose_name_others_write_with_a_dot_or_a_space(string query, string expected) =>
        Assert.Equal(expected, new QueryMatcher("my_plan", new AcceptedValues("pro")).Matches(Facts.Of(query: query)).ToString());

    [Theory]
    [InlineData("v1", nameof(Answer.Yes))]
    [InlineData("V1", nameof(Answer.No))]
    [InlineData("v2", nameof(Answer.No))]
    public void A_parameter_of_the_path(string value, string expected) =>
        Assert.Equal(expected, new PathMatcher("version", new AcceptedValues("v1")).Matches(Facts.Of(path: [("Version", value)])).ToString());

    [Fact]
    public void A_parameter_that_is_not_there() => Assert.Equal(Answer.No, new PathMatcher("version", new AcceptedValues("v1")).Matches(Facts.Of()));

    [Theory] // two requirements of one alternative, and a second alternative
    [InlineData(nameof(Answer.Yes), nameof(Answer.Yes), nameof(Answer.No), nameof(Answer.Yes))]
    [InlineData(nameof(Answer.Yes), nameof(Answer.No), nameof(Answer.No), nameof(Answer.No))]
    [InlineData(nameof(Answer.No), nameof(Answer.Unclear), nameof(Answer.No), nameof(Answer.No))]
    [InlineData(nameof(Answer.Unclear), nameof(Answer.No), nameof(Answer.No), nameof(Answer.No))]
    [InlineData(nameof(Answer.Yes), nameof(Answer.Unclear), nameof(Answer.No), nameof(Answer.Unclear))]
    [InlineData(nameof(Answer.Yes), nameof(Answer.Unclear), nameof(Answer.Yes), nameof(Answer.Yes))]
    [InlineData(nameof(Answer.No), nameof(Answer.No), nameof(Answer.Yes), nameof(Answer.Yes))]
    [InlineData(nameof(Answer.No), nameof(Answer.No), nameof(Answer.Unclear), nameof(Answer.Unclear))]
    public void A_condition_is_unclear_only_when_it_matters(string first, string second, string alternative, string expected)
    {
        var condition = new Condition([[Fixed(first), Fixed(second)], [Fixed(alternative)]]);
        Assert.Equal(expected, condition.Holds(Facts.Of()).ToString());
    }

    private static Always Fixed(string answer) => new(Enum.Parse<Answer>(answer));

    private sealed class Always(Answer answer) : IMatcher
    {
        public string Subject => "it";

        public string Accepted => "this";

        public string? Found(in Gateway.Pricing.RequestFacts facts) => "that";

        public Answer Matches(in Gateway.Pricing.RequestFacts facts) => answer;
    }
}
