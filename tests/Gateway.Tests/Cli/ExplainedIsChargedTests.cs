using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using CsCheck;
using Gateway.Cli.Explain;
using Gateway.Configuration;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Settlements;
using Gateway.Tests.Configuration;
using Gateway.Tests.Pricing;
using Gateway.Tests.Reservations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Cli;

/// <summary>What <c>explain</c> says beforehand is what is held and charged: for any rules and any body, by the reservation and the settlement that run in production.</summary>
public sealed class ExplainedIsChargedTests
{
    private static readonly IMeterFactory Factory = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private static readonly Gen<string> Source = Gen.OneOf(
        Gen.Const(""),
        Gen.Int[1, 40].Select(units => $", \"Source\": \"Constant\", \"Units\": {units}"),
        Gen.Select(AnyOf("$.n", "$.list"), AnyOf("1", "0.5", "0.001", "3"), AnyOf("", ", \"IfMissing\": 0", ", \"IfMissing\": 7"))
            .Select((path, multiply, missing) => $", \"Source\": \"RequestJson\", \"Path\": \"{path}\", \"Multiply\": {multiply}{missing}"));

    private static readonly Gen<string> Selector = Gen.OneOf(
        Gen.Const(""),
        Gen.Const(", \"Otherwise\": true"),
        Gen.Int[1, 3].Select(kind => $", \"When\": {{ \"Body\": {{ \"$.kind\": [ {kind}, {kind + 1} ] }} }}"),
        Gen.Int[1, 3].Select(kind => $", \"When\": [ {{ \"Query\": {{ \"kind\": {kind} }} }}, {{ \"Body\": {{ \"$.kind\": {kind}, \"$.n\": 2 }} }} ]"));

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.Int[0, 50].Select(n => n.ToString(CultureInfo.InvariantCulture)), AnyOf("2.5", "0.0004", "1e3", "2000001", "-1", "null", "\"2\"", "\"02\"", "true", "{}", "[1,2,3]"));

    private static readonly Gen<string> Body = Gen.Select(AnyOf("kind", "other"), Value, AnyOf("n", "other2"), Value, Gen.Int[0, 4], AnyOf("list", "n"))
        .Select((a, kind, b, n, length, list) => $$"""{"{{a}}":{{kind}},"{{b}}":{{n}},"{{list}}":[{{string.Join(',', Enumerable.Repeat("0", length))}}]}""");

    [Fact]
    public async Task What_is_explained_is_held_and_charged()
    {
        var (refused, charged) = (0, 0);
        await Gen.Select(Gen.Select(Source, Selector, Gen.Bool).Array[1, 4], Body, AnyOf("", "?kind=1", "?kind=2")).SampleAsync(
            async (meters, body, query) =>
            {
                var snapshot = SnapshotOf(meters);
                Assert.True(snapshot.Catalog.TryGet("api", out var rule));
                var explained = await new CostExplainer(snapshot).ExplainAsync(Request(body, query), rule, "/");

                var fields = rule.BodyFields?.Read(Encoding.UTF8.GetBytes(body)) ?? default;
                var selection = rule.Select(Facts.Of(query: query, body: fields));
                Assert.Equal(selection.Malformed, explained.Refused?.Detail);
                if (selection.IsMalformed)
                {
                    Interlocked.Increment(ref refused);
                    return;
                }

                await using var engine = new Engine(wallet: 1_000_000_000);
                var reservation = new Reservation();
                Assert.Equal(
                    ReserveOutcome.Held,
                    await engine.Reserver.ReserveAsync(Engine.Customer, selection.Meters, allowance: 0, reservation, TestContext.Current.CancellationToken));
                var held = reservation.Holds.GroupBy(h => h.Meter.Index).ToDictionary(g => g.Key, g => g.Sum(h => h.Units));
                Assert.Equal(held, explained.Meters.Where(m => m.Charges == true).ToDictionary(m => m.Index, m => m.HeldUnits!.Value));

                var settlement = await SettleAsync(engine, reservation, fields);
                var units = settlement.Charges.ToArray().GroupBy(c => c.Metric.Value).ToDictionary(g => g.Key, g => (Units: g.Sum(c => c.Units), Fraction: g.Max(c => c.Carry.MicroUnits)));
                foreach (var meter in explained.Meters.Where(m => m.Charges == true))
                {
                    var was = units.GetValueOrDefault(meter.Metric);
                    Assert.Equal((was.Units, (long)was.Fraction), (meter.Units!.Value, meter.FractionMicroUnits ?? 0));
                    Interlocked.Increment(ref charged);
                }
            },
            iter: 150, threads: 1);

        Assert.True(refused > 5 && charged > 50, $"{refused} refused, {charged} charged"); // both happen, or nothing was tested
    }

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    /// <summary>A metric for each meter, so that each charge can be told.</summary>
    private static GatewaySnapshot SnapshotOf((string Source, string Selector, bool Carry)[] meters)
    {
        var hasCondition = meters.Any(m => m.Selector.Contains("When", StringComparison.Ordinal));
        var metrics = meters.Select((m, i) => $$"""
            "m{{i}}": { "BillableMetricId": "bm_{{i}}", "Rounding": "{{(m.Carry ? "Carry" : "Ceiling")}}" }
            """);
        var rules = meters.Select((m, i) => $$"""
            { "Metric": "m{{i}}"{{m.Source}}{{(hasCondition || !m.Selector.Contains("Otherwise", StringComparison.Ordinal) ? m.Selector : "")}} }
            """);
        var result = GatewayConfiguration.Validate(TestConfiguration.FromJson($$"""
            {
              "Gateway": {
                "Paygentic": { "BaseUrl": "http://127.0.0.1:1", "ApiKey": "sk", "MerchantId": "org" },
                "Metrics": { {{string.Join(',', metrics)}} },
                "Routes": { "api": { "Meters": [ {{string.Join(',', rules)}} ] } }
              },
              "ReverseProxy": {
                "Routes": { "api": { "ClusterId": "api", "Match": { "Path": "/{**path}" } } },
                "Clusters": { "api": { "Destinations": { "one": { "Address": "http://127.0.0.1:1/" } } } }
              }
            }
            """));
        Assert.Empty(result.Errors);
        return result.Snapshot!;
    }

    private static DefaultHttpContext Request(string body, string query) =>
        new RequestSketch("api", "POST", "/", query, [], Encoding.UTF8.GetBytes(body)).ToContext("POST");

    private static async Task<Settlement> SettleAsync(Engine engine, Reservation reservation, BodyValues body)
    {
        var position = engine.Journal.Tail;
        await new Settler(engine.Ledger, new SettlementMetrics(Factory), new Gateway.Shadow.ShadowBook(Factory), engine.Clock).SettleAsync(
            new SettledRequest(Guid.CreateVersion7(), Engine.Customer, "api", 200, new Measurement(TimeSpan.FromSeconds(3)) { RequestBody = body }), reservation);
        using var reader = engine.Journal.ReadFrom(position);
        Assert.True(reader.TryRead(out var entry));
        return entry.Read<Settled>().Settlement;
    }
}
