using CsCheck;
using Gateway.Billing;
using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Shipping;
using Gateway.Tests.Shipping;

namespace Gateway.FunctionalTests.Streams;

/// <summary>What every engine promises: the shipper need not know which one it is.</summary>
public sealed class OutboxContractTests
{
    public static TheoryData<string> Engines { get; } = [nameof(LedgerEngine.Disk), nameof(LedgerEngine.RedisStreams)];

    [Theory, MemberData(nameof(Engines))]
    public async Task Whatever_is_read_acknowledged_and_cut_off_by_crashes_every_event_comes_until_it_is_acknowledged_and_never_another(string engine)
    {
        await using var server = await ServerOfAsync(engine);
        await Gen.Select(Gen.Int[1, 20], Step.Array[1, 8]).SampleAsync(
            async (mostEvents, steps) =>
            {
                if (server is not null) await server.FlushAsync();
                await using var bench = OutboxBench.On(server, mostEvents);
                List<UsageEvent> appended = [];
                var acknowledged = new HashSet<UsageEvent>();
                foreach (var step in steps)
                {
                    foreach (var settlement in step.Appended)
                    {
                        await bench.AppendAsync(settlement);
                        var builder = new BatchBuilder(TimeSpan.Zero, int.MaxValue);
                        builder.TryAdd(settlement);
                        appended.AddRange(builder.Build());
                    }

                    foreach (var (batch, isAcknowledged) in (await bench.ReadAsync(step.Read)).Zip(step.Acknowledged))
                    {
                        if (!isAcknowledged) continue;
                        await bench.Outbox.AcknowledgeAsync(batch, []);
                        acknowledged.UnionWith(batch.Events);
                    }

                    if (step.Crashes) await bench.CrashAsync();
                }

                var rest = await bench.ReadAsync(int.MaxValue);
                Assert.Equal(
                    appended.Except(acknowledged).Select(e => e.ToString()).Order(StringComparer.Ordinal),
                    rest.SelectMany(b => b.Events).Select(e => e.ToString()).Order(StringComparer.Ordinal));
                foreach (var batch in rest) await bench.Outbox.AcknowledgeAsync(batch, []);
                Assert.Empty(await bench.ReadAsync(int.MaxValue));
                await bench.CrashAsync();
                Assert.Empty(await bench.ReadAsync(int.MaxValue));
            },
            iter: 50, threads: 1);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task An_event_that_was_put_off_comes_again_and_the_others_do_not_until_it_is_decided(string engine)
    {
        await using var server = await ServerOfAsync(engine);
        await using var bench = OutboxBench.On(server, mostEvents: 10);
        foreach (var units in new[] { 1, 2, 3 }) await bench.AppendAsync(SomeSettlements.Of(units));
        var batch = Assert.Single(await bench.ReadAsync(int.MaxValue));
        var putOff = batch.Events[1];
        await bench.Outbox.AcknowledgeAsync(batch, [putOff]);

        var again = Assert.Single(await bench.ReadAsync(int.MaxValue));
        Assert.Equal((true, putOff), (again.IsDeferred, Assert.Single(again.Events)));
        await bench.Outbox.AcknowledgeAsync(again, again.Events);

        await bench.CrashAsync();
        var afterCrash = Assert.Single(await bench.ReadAsync(int.MaxValue));
        Assert.Equal(putOff, Assert.Single(afterCrash.Events));
        await bench.Outbox.AcknowledgeAsync(afterCrash, []);
        Assert.Empty(await bench.ReadAsync(int.MaxValue));
        await bench.CrashAsync();
        Assert.Empty(await bench.ReadAsync(int.MaxValue));
    }

    private static Gen<ContractStep> Step { get; } = Gen.Select(
        SomeSettlements.Many, Gen.Int[0, 6], Gen.Bool.Array[6], Gen.Bool, (appended, read, acknowledged, crashes) =>
            new ContractStep(appended, read, acknowledged, crashes));

    private static async Task<RedisServer?> ServerOfAsync(string engine) =>
        engine == nameof(LedgerEngine.RedisStreams) ? await RedisServer.StartAsync() : null;

    private sealed record ContractStep(Model.Settlement[] Appended, int Read, bool[] Acknowledged, bool Crashes);
}
