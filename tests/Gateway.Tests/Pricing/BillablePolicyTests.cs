using Gateway.Model;
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
        Assert.Equal(Share.Nothing, policy.ShareOf(Outcome.ClientGoneReading, status: null));
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
    public void By_default_success_and_redirects_are_billable_also_when_the_client_went_away()
    {
        var policy = BillablePolicy.Default;
        Assert.Equal("200-399", policy.Statuses);
        Assert.Equal((Share.Full, Share.Nothing), (policy.ShareOf(Outcome.Answered, 204), policy.ShareOf(Outcome.Answered, 404)));
        Assert.Equal(
            [Outcome.ClientGoneWaiting, Outcome.ClientGoneReading, Outcome.FundsEnded, Outcome.BillingUndecided],
            BillablePolicy.Breaks.Where(o => policy.ShareOf(o, null) == Share.Full));
        Assert.All(BillablePolicy.Breaks, o => Assert.NotEqual(Share.Measured, policy.ShareOf(o, 200)));
    }

    [Fact]
    public void Each_way_of_ending_has_its_own_share_and_a_status_that_is_not_billable_costs_nothing_however_it_ends()
    {
        foreach (var outcome in BillablePolicy.Breaks)
        {
            var policy = BillablePolicy.Parse("200-299", clientAborted: false, new Dictionary<Outcome, Share> { [outcome] = Share.Measured })!;
            Assert.Equal((Share.Measured, Share.Measured, Share.Nothing), (policy.ShareOf(outcome, null), policy.ShareOf(outcome, 200), policy.ShareOf(outcome, 500)));
            Assert.Equal(Share.Full, policy.ShareOf(Outcome.Answered, 200));
        }
    }
}
