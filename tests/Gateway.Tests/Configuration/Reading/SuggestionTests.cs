using Gateway.Configuration.Reading;

namespace Gateway.Tests.Configuration.Reading;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("Metters", "; did you mean 'Meters'?")]
    [InlineData("meter", "; did you mean 'Meters'?")]
    [InlineData("Metesr", "; did you mean 'Meters'?")]
    [InlineData("Anonimous", "; did you mean 'Anonymous'?")]
    [InlineData("Colour", "; known: Anonymous, Free, Meters")]
    public void The_nearest_name_is_offered_or_all_of_them(string typo, string expected) =>
        Assert.Equal(expected, Suggestion.For(typo, ["Free", "Meters", "Anonymous"]));

    [Fact]
    public void With_nothing_known_that_is_said() => Assert.Equal("; there is none yet", Suggestion.For("x", []));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("abc", "ABC", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_counts_edits(string left, string right, int expected) => Assert.Equal(expected, Suggestion.Distance(left, right));
}
