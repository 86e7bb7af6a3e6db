using CsCheck;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Tests.Pricing.Sources;

public sealed class MetricSourcesTests
{
    [Theory]
    [InlineData("Requests", 0, 1_000_000)]
    [InlineData("Requests", 12_345_678, 1_000_000)]
    [InlineData("UpstreamSeconds", 0, 0)]
    [InlineData("UpstreamSeconds", 10_000_000, 1_000_000)]
    [InlineData("UpstreamSeconds", 12_345_678, 1_234_567)]
    [InlineData("UpstreamSeconds", -1, 0)]
    [InlineData("UpstreamSeconds", long.MaxValue, long.MaxValue / 10)]
    [InlineData("UpstreamMilliseconds", 10_000, 1_000_000)]
    [InlineData("UpstreamMilliseconds", 1, 100)]
    [InlineData("UpstreamMilliseconds", long.MinValue, 0)]
    [InlineData("UpstreamMilliseconds", long.MaxValue, long.MaxValue)]
    public void Ticks_become_millionths_of_a_unit(string source, long ticks, long expected) => Assert.Equal(expected, Measure(Named(source), ticks));

    [Fact]
    public void Longer_is_never_less_and_nothing_is_negative() =>
        Gen.Select(Gen.OneOf(MetricSources.All.ToArray()), Gen.Long, Gen.Long).Sample((source, a, b) =>
            Measure(source, Math.Min(a, b)) >= 0 && Measure(source, Math.Min(a, b)) <= Measure(source, Math.Max(a, b)));

    private static IMetricSource Named(string name) => MetricSources.All.Single(s => s.Name == name);

    private static long Measure(IMetricSource source, long ticks) => source.MicroUnits(new Measurement(TimeSpan.FromTicks(ticks)));
}
