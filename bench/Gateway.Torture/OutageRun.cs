using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Torture;

/// <summary>The promise: an outage of the provider costs disk and not memory, and is caught up with soon, beside the requests.</summary>
internal static class OutageRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static async Task<int> ExecuteAsync(int seconds, int rate, CancellationToken stop)
    {
        await using var rig = await Rig.StartAsync(() => TimeSpan.Zero, new JsonObject(), new JsonObject());

        rig.SandboxProcess.Yield(); // the provider is on another machine

        // Nothing can be reserved while the provider is away: the route lives on its allowance, as it would.
        rig.Change(gateway =>
        {
            gateway["Routes"]!["submissions"]!["WhenUnavailable"] = "Allow";
            gateway["Routes"]!["submissions"]!["AllowanceUnits"] = 100_000_000;
        });
        await using var gateway = rig.StartGateway();
        await Rig.ReadyAsync(gateway);
        using var load = new Load(rig, rate);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = load.RunAsync(enough.Token);

        await Task.Delay(WarmUp, TimeProvider.System, stop);
        load.TakeLatencies();
        await Task.Delay(Step, TimeProvider.System, stop);
        var (median, p99) = load.TakeLatencies();
        var (memory, disk, before) = (gateway.Memory, JournalBytes(rig), load.Answered);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"before: {load.Answered:N0} answers, {Megabytes(memory.All)} MB resident ({Megabytes(memory.Anonymous)} anonymous), median {median:F2} ms, p99 {p99:F1} ms"));

        await rig.FaultsAsync(new JsonObject { ["operation"] = "*", ["kind"] = "dropBeforeCommit" });
        var (most, outage) = (memory, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(outage).TotalSeconds < seconds)
        {
            await Task.Delay(Step, TimeProvider.System, stop);
            var now = gateway.Memory;
            most = (Math.Max(most.All, now.All), Math.Max(most.Anonymous, now.Anonymous));
            if ((int)Stopwatch.GetElapsedTime(outage).TotalSeconds / 10 % 6 == 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(outage).TotalSeconds:F0} s away: {load.Answered:N0} answers, {Megabytes(now.All)} MB resident ({Megabytes(now.Anonymous)} anonymous), journal {Megabytes(JournalBytes(rig))} MB"));
        }

        var perEvent = (double)(JournalBytes(rig) - disk) / (load.Answered - before);
        var backlog = load.Answered - Charged(await rig.LedgerAsync());
        (median, p99) = load.TakeLatencies();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"away: median {median:F2} ms, p99 {p99:F1} ms; {backlog:N0} charges to catch up with"));
        await rig.FaultsAsync();
        var (back, lag) = (Stopwatch.GetTimestamp(), long.MaxValue);
        while (lag > 3 * rate && Stopwatch.GetElapsedTime(back) < TimeSpan.FromMinutes(10))
        {
            await Task.Delay(Look, TimeProvider.System, stop);
            var now = gateway.Memory;
            most = (Math.Max(most.All, now.All), Math.Max(most.Anonymous, now.Anonymous));
            lag = load.Answered - Charged(await rig.LedgerAsync());
        }

        var caughtUp = Stopwatch.GetElapsedTime(back);
        (median, p99) = load.TakeLatencies();
        await enough.CancelAsync();
        await running;
        await gateway.TerminateAsync();
        var ledger = await rig.LedgerAsync();
        var missing = load.Answered - Charged(ledger);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {seconds} s away at {rate} requests/s: {load.Answered:N0} answers ({load.Refused:N0} refused), {missing} charges missing, {(long)ledger["conflictingDuplicates"]!} conflicting
            memory: {Megabytes(memory.All)} MB before, {Megabytes(most.All)} MB at most: {Megabytes(most.All - memory.All)} MB more ({Megabytes(most.Anonymous - memory.Anonymous)} MB of it anonymous)
            disk: {perEvent:F0} bytes per event
            caught up {caughtUp.TotalSeconds:F1} s after it was back, {backlog / caughtUp.TotalSeconds / rate:F0} times the live rate; meanwhile requests took {median:F2} ms in the median, {p99:F1} ms at p99
            """));
        return missing == 0 ? 0 : 1;
    }

    private static long Charged(JsonNode ledger) => Rig.Total(ledger, Rig.Basic).Quantity;

    private static long JournalBytes(Rig rig) => new DirectoryInfo(rig.JournalFolder).EnumerateFiles("*.journal").Sum(f => f.Length);

    private static long Megabytes(long bytes) => bytes / 1_000_000;
}
