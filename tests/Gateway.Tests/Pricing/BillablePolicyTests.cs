using Gateway.Pricing;

namespace Gateway.Tests.Pricing;

public sealed class BillablePolicyTests
{
    [Theory]
    [InlineData("200-399,404", new[] { 200, 299, 399, 404 }, new[] { 199, 400, 403, 405, 0, -1, 600, int.MaxValue, int.MinValue })]
    [InlineData(" 201 , 500 - 599 ", new[] { 201, 500, 599 }, new[] { 200, 202, 499 })]
    [InlineData("100-599", new[] { 100, 599 }, new[] { 99, 600 })]
    public void Statuses_and_ranges_are_billable(string statuses, int[] billable, int[] free)
    {
        var policy = BillablePolicy.Parse(statuses, clientAborted: false)!;
        Assert.All(billable, status => Assert.True(policy.IsBillable(status)));
        Assert.All(free, status => Assert.False(policy.IsBillable(status)));
        Assert.False(policy.ClientAborted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("200,")]
    [InlineData("200-")]
    [InlineData("-200")]
    [InlineData("399-200")]
    [InlineData("2xx")]
    [InlineData("99")]
    [InlineData("200-600")]
    [InlineData("200-300-400")]
    public void Anything_else_is_refused(string statuses) => Assert.Null(BillablePolicy.Parse(statuses, clientAborted: true));

    [Fact]
    public void By_default_success_and_redirects_are_billable_also_when_the_client_went_away() =>
        Assert.True(BillablePolicy.Default is { Statuses: "200-399", ClientAborted: true } policy && policy.IsBillable(204) && !policy.IsBillable(404));
}
