using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;

namespace Gateway.Tests.Pricing;

/// <summary>Sources that measure time say when a quantity will be reached, so that nobody has to look for it.</summary>
public sealed class TimeUntilTests
{
    [Theory]
    [InlineData(1_500_000, 1_000_000)]
    [InlineData(1_500_000, 15_000_001)]
    [InlineData(0, 1)]
    public void A_quantity_is_reached_after_that_time_and_not_a_tick_before(long microsecondsNow, long microUnits)
    {
        foreach (var source in new IMetricSource[] { new UpstreamSeconds(), new UpstreamMilliseconds() })
        {
            var now = TimeSpan.FromMicroseconds(microsecondsNow);
            var wait = source.TimeUntil(microUnits, new Measurement(now));

            Assert.NotNull(wait);
            Assert.True(source.MicroUnits(new Measurement(now + wait.Value)) >= microUnits);
            if (wait > TimeSpan.Zero) Assert.True(source.MicroUnits(new Measurement(now + wait.Value - TimeSpan.FromTicks(1))) < microUnits);
        }
    }

    [Fact]
    public void Time_to_the_headers_does_not_grow_once_they_are_here()
    {
        var measured = new Measurement(TimeSpan.FromSeconds(9)) { ToHeaders = TimeSpan.FromSeconds(1) };

        Assert.Equal(TimeSpan.MaxValue, new UpstreamSeconds(TimedUntil.Headers).TimeUntil(2_000_000, measured));
        Assert.Equal(TimeSpan.MaxValue, new UpstreamMilliseconds(TimedUntil.Headers).TimeUntil(2_000_000, measured));
    }

    [Fact]
    public void Bytes_come_when_they_come() => Assert.Null(((IMetricSource)new ResponseBytes(1)).TimeUntil(1, default));
}
