using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Torture;

/// <summary>A gateway that starts on a journal full of charges that nobody was told of.</summary>
internal static class ShipRun
{
    public static async Task<int> ExecuteAsync(int events, int malformed, CancellationToken stop)
    {
        await using var rig = await Rig.StartAsync(() => TimeSpan.Zero, new JsonObject(), new JsonObject());
        await FillAsync(rig, events, malformed);
        var sandboxBefore = rig.SandboxProcess.CpuTime;
        var start = Stopwatch.GetTimestamp();
        await using var gateway = rig.StartGateway();
        await Rig.ReadyAsync(gateway);
        var (ready, cpuAtReady) = (Stopwatch.GetElapsedTime(start), gateway.CpuTime);
        var readyAt = Stopwatch.GetTimestamp();

        var first = TimeSpan.Zero;
        await Rig.UntilAsync(
            async () =>
            {
                var shipped = Rig.Total(await rig.LedgerAsync(), Rig.Basic).Events;
                if (shipped > 0 && first == TimeSpan.Zero) first = Stopwatch.GetElapsedTime(readyAt);
                return shipped >= events - malformed;
            },
            TimeSpan.FromMinutes(10), "everything to be shipped");
        var took = Stopwatch.GetElapsedTime(readyAt);
        await Rig.UntilAsync(async () => (long)(await rig.StateAsync())["eventsQuarantined"]! == malformed, TimeSpan.FromSeconds(30), "the quarantine");
        var (cpu, sandboxCpu) = (gateway.CpuTime - cpuAtReady, rig.SandboxProcess.CpuTime - sandboxBefore);
        var ledger = await rig.LedgerAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {events:N0} unshipped charges: ready {ready.TotalSeconds:F2} s after start
            all {events - malformed:N0} good ones at the sandbox {took.TotalSeconds:F2} s after ready, the first {first.TotalSeconds:F2} s after: {(events - malformed) / took.TotalSeconds:N0} a second
            processor time per event: gateway {cpu.TotalMicroseconds / events:F1} us, sandbox {sandboxCpu.TotalMicroseconds / events:F1} us; {Environment.ProcessorCount} processors for both
            calls: {ledger["calls"]}; sent again {(long)ledger["duplicates"]!:N0}; resident {gateway.Memory.All / 1_000_000} MB
            """));
        var quarantine = Path.Combine(rig.Folder.FullName, "data", "quarantine.jsonl");
        if (File.Exists(quarantine)) Console.WriteLine($"quarantine: {(await File.ReadAllLinesAsync(quarantine, stop)).FirstOrDefault()}");
        return 0;
    }

    private static async Task FillAsync(Rig rig, int events, int malformed)
    {
        await using var journal = UsageJournal.Open(rig.JournalFolder, new JournalOptions { MaxBytes = long.MaxValue }, TimeProvider.System, NullLogger.Instance);
        var metric = new MetricName("basic-submissions");
        for (var i = 0; i < events; i++)
        {
            var isBad = malformed > 0 && i % (events / malformed) == events / malformed / 2;
            Charge[] charges = [new Charge(metric, isBad ? "bm_that_is_unknown" : Rig.Basic, Entitlement: null, Guid.Empty, 1, default)];
            journal.Append(new Settled(new Settlement(
                Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), new CustomerId(Rig.Customer), "submissions", 201, 1_234, charges)));
        }
    }
}
