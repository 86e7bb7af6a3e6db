using Gateway.Pricing;

namespace Gateway.Tests.Pricing;

public sealed class BodyPathTests
{
    [Theory]
    [InlineData("$.a", "a")]
    [InlineData("$.language_id", "language_id")]
    [InlineData("$.a.b.c", "a", "b", "c")]
    [InlineData("$['a']", "a")]
    [InlineData("$['odd name'].b", "odd name", "b")]
    [InlineData("$.a['b.c']['d']", "a", "b.c", "d")]
    [InlineData(@"$['it\'s']['back\\slash']", "it's", @"back\slash")]
    [InlineData("$['']", "")]
    [InlineData("$.größe", "größe")]
    public void Names_of_properties_are_read(string path, params string[] expected)
    {
        Assert.True(BodyPath.TryParse(path, out var names));
        Assert.Equal(expected, names);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$")]
    [InlineData("a")]
    [InlineData(".a")]
    [InlineData("$a")]
    [InlineData("$.")]
    [InlineData("$..a")]
    [InlineData("$.a.")]
    [InlineData("$.*")]
    [InlineData("$.a[0]")]
    [InlineData("$.a[*]")]
    [InlineData("$['a'")]
    [InlineData("$['a]")]
    [InlineData("$['a'b]")]
    [InlineData("$[\"a\"]")]
    [InlineData("$.a b")]
    [InlineData("$[?(@.a)]")]
    public void Anything_else_is_refused(string path) => Assert.False(BodyPath.TryParse(path, out _));
}
