using Gateway.Model;
using Gateway.Pricing.Matching;

namespace Gateway.Tests.Pricing.Matching;

/// <summary>Headers are held as bytes; a condition of the configuration is text.</summary>
public sealed class HeaderTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("na\u00C3\u00AFve", "na\u00EFve")]
    [InlineData("na\u00EFve", "na\u00EFve")]
    public void A_value_is_read_as_utf_8_where_it_is_that(string held, string text) => Assert.Equal(text, HeaderText.Of(held));

    [Fact]
    public void A_condition_beyond_ascii_matches_a_value_sent_as_utf_8()
    {
        var matcher = new HeaderMatcher("X-Plan", new AcceptedValues("gro\u00DF"));

        Assert.Equal(Answer.Yes, matcher.Matches(Facts.Of(headers: [("X-Plan", ["gro\u00C3\u009F"])])));
        Assert.Equal(Answer.No, matcher.Matches(Facts.Of(headers: [("X-Plan", ["gro\u00C3"])])));
    }
}
