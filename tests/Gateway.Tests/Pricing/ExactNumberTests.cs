using System.Globalization;
using System.Numerics;
using CsCheck;
using Gateway.Pricing;

namespace Gateway.Tests.Pricing;

public sealed class ExactNumberTests
{
    [Theory]
    [InlineData("73", "73.0")]
    [InlineData("73", "7.3e1")]
    [InlineData("73", "730E-1")]
    [InlineData("0", "-0.00e7")]
    [InlineData("0", "0e999")]
    [InlineData("-1.5", "-15e-1")]
    [InlineData("100", "1e+2")]
    public void Spellings_of_one_number_are_equal(string left, string right) => Assert.Equal(Parse(left), Parse(right));

    [Theory]
    [InlineData("73", "-73")]
    [InlineData("73", "73.00000000000000000000000000000000000001")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("7", "70")]
    [InlineData("0.7", "7")]
    public void Different_numbers_are_not(string left, string right) => Assert.NotEqual(Parse(left), Parse(right));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("073")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("0x49")]
    [InlineData("1_0")]
    [InlineData("NaN")]
    [InlineData("1e99999999999999999999")]
    [InlineData("٧٣")]
    public void What_is_no_number_of_JSON_is_refused(string text) => Assert.False(ExactNumber.TryParse(text, out _));

    [Theory]
    [InlineData("73", true)]
    [InlineData("73.0", true)]
    [InlineData("7.3e1", false)]
    [InlineData("73abc", false)]
    public void Plain_numbers_have_no_exponent(string text, bool plain) => Assert.Equal(plain, ExactNumber.TryParsePlain(text, out _));

    [Fact]
    public void It_agrees_with_exact_arithmetic() =>
        Gen.Select(Number, Number).Sample((left, right) => (Parse(left.Text) == Parse(right.Text)) == (left.Scaled == right.Scaled), iter: 5_000);

    // digits × 10^(exponent - decimals), written out; Scaled is the same number times 10^20.
    private static Gen<(string Text, BigInteger Scaled)> Number { get; } =
        Gen.Select(Gen.Int[-120, 120], Gen.Int[0, 3], Gen.Int[-4, 4]).Select((digits, decimals, exponent) =>
        {
            var mantissa = (digits / Math.Pow(10, decimals)).ToString("F" + decimals, CultureInfo.InvariantCulture);
            return ($"{mantissa}e{exponent}", digits * BigInteger.Pow(10, 20 - decimals + exponent));
        });

    private static ExactNumber Parse(string text)
    {
        Assert.True(ExactNumber.TryParse(text, out var number), text);
        return number;
    }
}
