using System.Text;
using CsCheck;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Pricing.Sources;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Pricing.Sources;

public sealed class MetricSourcesTests
{
    private static readonly IMetricSource[] OfTime = [MetricSources.Requests, new UpstreamSeconds(), new UpstreamMilliseconds(), new UpstreamSeconds(TimedUntil.Headers)];

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
    public void Ticks_become_millionths_of_a_unit(string source, long ticks, long expected) => Assert.Equal(expected, Measure(OfTime.First(s => s.Name == source), ticks));

    [Fact]
    public void Longer_is_never_less_and_nothing_is_negative() =>
        Gen.Select(Gen.OneOf(OfTime.ToArray()), Gen.Long, Gen.Long).Sample((source, a, b) =>
            Measure(source, Math.Min(a, b)) >= 0 && Measure(source, Math.Min(a, b)) <= Measure(source, Math.Max(a, b)));

    [Fact]
    public void Time_to_the_headers_stands_still_after_them()
    {
        var source = new UpstreamMilliseconds(TimedUntil.Headers);
        Assert.Equal(7_000_000, source.MicroUnits(new Measurement(TimeSpan.FromMilliseconds(7))));
        Assert.Equal(3_000_000, source.MicroUnits(new Measurement(TimeSpan.FromMilliseconds(7)) { ToHeaders = TimeSpan.FromMilliseconds(3) }));
    }

    [Theory]
    [InlineData("0.002", 1, 2_000L)]
    [InlineData("1500", 0.001, 1_500_000L)]
    [InlineData("1.5e3", 0.001, 1_500_000L)]
    [InlineData("0", 1, 0L)]
    [InlineData("0.0000019", 1, 1L)]
    [InlineData("1000000000", 1, 1_000_000_000_000_000L)]
    [InlineData("1000000001", 1, null)]
    [InlineData("1000000000", 1000, null)]
    [InlineData("-0.1", 1, null)]
    [InlineData("NaN", 1, null)]
    [InlineData("1,5", 1, null)]
    [InlineData("1 s", 1, null)]
    [InlineData("", 1, null)]
    [InlineData(null, 1, null)]
    public void What_an_upstream_reports_is_a_plain_number_within_bounds_or_it_is_missing(string? text, double multiply, long? expected)
    {
        var headers = new HeaderDictionary();
        if (text is not null) headers["X-Time"] = text;
        var measured = new Measurement(TimeSpan.Zero) { ResponseHeaders = headers, ResponseBody = [text] };

        Assert.Equal(expected, new ResponseHeader("x-time", (decimal)multiply).MicroUnits(measured));
        Assert.Equal(expected, new ResponseJson("$.time", 0, (decimal)multiply).MicroUnits(measured));
    }

    [Fact]
    public void A_header_that_is_there_twice_says_nothing() => Assert.Null(
        new ResponseHeader("X-Time", 1).MicroUnits(new Measurement(TimeSpan.Zero) { ResponseHeaders = new HeaderDictionary { ["X-Time"] = new(["1", "2"]) } }));

    [Theory]
    [InlineData("""{"n": 3}""", 3_000_000L)]
    [InlineData("""{"n": [1, [2, 3], {"n": 4}]}""", 3_000_000L)]
    [InlineData("""{"n": []}""", 0L)]
    [InlineData("""{"n": "3"}""", null)]
    [InlineData("""{"n": -1}""", null)]
    [InlineData("""{"m": 1}""", null)]
    public void A_request_says_a_number_or_has_a_list_that_is_counted(string body, long? expected)
    {
        var fields = new BodyFields();
        var source = new RequestJson("$.n", "n", fields.Add(["n"]), 1);
        Assert.Equal(expected, source.MicroUnits(new Measurement(TimeSpan.Zero) { RequestBody = fields.Read(Encoding.UTF8.GetBytes(body)) }));
    }

    [Fact]
    public void Bytes_and_constants_are_counted_exactly()
    {
        var measured = new Measurement(TimeSpan.Zero) { RequestBytes = 3, ResponseBytes = 2_500_000 };
        Assert.Equal(3_000_000, new RequestBytes(1).MicroUnits(measured));
        Assert.Equal(2_500_000, new ResponseBytes(0.000001m).MicroUnits(measured));
        Assert.Equal(7_000_000, new Constant(7).MicroUnits(measured));
    }

    [Theory]
    [InlineData(3_000_000_000, 1, 3_000_000_000_000_000)]
    [InlineData(20_000_000, 1_000, 20_000_000_000_000_000)]
    [InlineData(long.MaxValue, 1_000_000, 9_000_000_000_000_000_000)] // and no further
    public void Bytes_go_on_counting_beyond_what_an_answer_could_report(long bytes, int multiply, long microUnits)
    {
        var measured = new Measurement(TimeSpan.Zero) { RequestBytes = bytes, ResponseBytes = bytes };
        Assert.Equal((microUnits, microUnits), (new RequestBytes(multiply).MicroUnits(measured), new ResponseBytes(multiply).MicroUnits(measured)));
    }

    [Theory]
    [InlineData("Nothing", 0L, 0L)]
    [InlineData("Measured", 1_500_000L, 0L)]
    [InlineData("Full", 1_500_000L, 5_000_000L)]
    public void Of_a_request_that_broke_off_only_what_grows_is_measured_and_what_was_not_reported_costs_what_was_held(string name, long time, long reported)
    {
        var share = Enum.Parse<Share>(name);
        var measured = new Measurement(TimeSpan.FromSeconds(1.5));
        Assert.Equal(time, Meter(new UpstreamSeconds()).MicroUnits(measured, share));
        Assert.Equal(reported, Meter(new ResponseHeader("X", 1)).MicroUnits(measured, share));
        Assert.Equal(share == Share.Full ? 2_000_000 : 0, (Meter(new ResponseHeader("X", 1)) with { IfMissing = 2 }).MicroUnits(measured, share));
    }

    private static Meter Meter(IMetricSource source) =>
        new(0, new Metric(new MetricName("m"), "bm", "unit", Rounding.Ceiling), source, HoldUnits: 5, When: null, Otherwise: false);

    private static long Measure(IMetricSource source, long ticks) => source.MicroUnits(new Measurement(TimeSpan.FromTicks(ticks)))!.Value;
}
