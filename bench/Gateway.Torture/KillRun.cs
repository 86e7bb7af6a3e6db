using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gateway.Torture;

/// <summary>
/// The promise: whoever has a whole answer is charged for it, once. Clients note each answer they have in full; the gateway is killed at random
/// instants, also while it starts; the sandbox drops connections after it has committed, answers 429, 500 and 207, and goes away. In the end the
/// sandbox's events are held against the clients' notes.
/// </summary>
internal static class KillRun
{
    private const int Clients = 4;
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    public static async Task<int> ExecuteAsync(int kills, int seed, string aggregate, CancellationToken stop)
    {
        var dice = new Random(seed);
        await using var rig = await Rig.StartAsync(
            () => TimeSpan.FromMilliseconds(Random.Shared.Next(0, 8)),
            new JsonObject { ["SegmentBytes"] = 262_144, ["MaxBytes"] = 268_435_456 },
            new JsonObject { ["MaxDelayMilliseconds"] = 50, ["MaxBatch"] = 100, ["Aggregate"] = aggregate },
            keepEvents: int.MaxValue);
        var answered = new ConcurrentDictionary<string, string>(StringComparer.Ordinal); // request id, metric
        var (started, cut, recoveries) = (Stopwatch.GetTimestamp(), 0L, new List<double>());
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => LoadAsync(rig, answered, () => Interlocked.Increment(ref cut), enough.Token), stop)).ToList();

        for (var kill = 0; kill < kills; kill++)
        {
            await rig.FaultsAsync([.. Faults(dice)]);
            rig.Change(gateway => gateway["Journal"]!["Durability"] = kill % 4 == 3 ? "Disk" : "Process");
            var start = Stopwatch.GetTimestamp();
            await using var gateway = rig.StartGateway();
            var ready = Rig.ReadyAsync(gateway);
            if (dice.Next(5) == 0)
            {
                await Task.WhenAny(ready, Task.Delay(TimeSpan.FromMilliseconds(dice.Next(50, 1500)), TimeProvider.System, stop)); // some die while they recover
            }
            else
            {
                if (await Task.WhenAny(ready, Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, stop)) != ready) throw new TimeoutException($"The gateway did not start.\n{gateway.Output}");
                recoveries.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                var away = dice.Next(8) == 0;
                if (away) rig.SandboxProcess.Pause();
                await Task.Delay(TimeSpan.FromMilliseconds(dice.Next(0, 900)), TimeProvider.System, stop);
                if (away) rig.SandboxProcess.Continue();
            }

            await gateway.KillAsync();
            if ((kill + 1) % 50 == 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kill + 1} kills, {answered.Count:N0} answers, {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        }

        await enough.CancelAsync();
        await Task.WhenAll(clients);
        await rig.FaultsAsync();
        await using (var last = rig.StartGateway())
        {
            // Charges of requests that were cut off may outnumber the answers from the start: one that is told to end before it is up ships nothing.
            await Rig.ReadyAsync(last).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, stop);
            await Rig.UntilAsync(async () => Charged(await rig.LedgerAsync()) >= answered.Count, TimeSpan.FromMinutes(2), $"all charges to arrive\n{last.Output}");
            await last.TerminateAsync(); // ships whatever is left
        }

        return await JudgeAsync(rig, answered, kills, cut, aggregate == "None", recoveries, Stopwatch.GetElapsedTime(started));
    }

    private static async Task LoadAsync(Rig rig, ConcurrentDictionary<string, string> answered, Action cut, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var premium = i % 5 == 0;
            try
            {
                using var request = rig.Request(premium);
                using var answer = await http.SendAsync(request, stop);
                if (answer.StatusCode == System.Net.HttpStatusCode.Created)
                    answered[answer.Headers.GetValues("X-Request-Id").Single()] = premium ? Rig.Premium : Rig.Basic;
                else
                    await Task.Delay(Breath, TimeProvider.System, CancellationToken.None);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // The gateway is dead, or died under this request: nobody has its answer.
                if (e is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }) cut();
                await Task.Delay(Breath, TimeProvider.System, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                cut();
            }
        }
    }

    private static IEnumerable<JsonObject> Faults(Random dice)
    {
        yield return Fault("dropAfterCommit", 0.05 + (0.1 * dice.NextDouble()));
        yield return Fault("status", 0.05, status: 500);
        yield return Fault("status", 0.03, status: 429, retryAfterSeconds: dice.Next(2));
        yield return Fault("itemFailure", 0.05);
        yield return Fault("malformed", 0.02);
        if (dice.Next(10) == 0) yield return Fault("dropBeforeCommit", 0.9);
    }

    private static JsonObject Fault(string kind, double probability, int? status = null, int? retryAfterSeconds = null)
    {
        // On usage alone: an entitlement whose answer is lost is money set aside for nothing, and that is another promise.
        var fault = new JsonObject { ["operation"] = "POST /v0/usage/batch", ["kind"] = kind, ["probability"] = probability };
        if (status is not null) fault["status"] = status;
        if (retryAfterSeconds is not null) fault["retryAfterSeconds"] = retryAfterSeconds;
        return fault;
    }

    private static long Charged(JsonNode ledger) => Rig.Total(ledger, Rig.Basic).Quantity + Rig.Total(ledger, Rig.Premium).Quantity;

    private static async Task<int> JudgeAsync(
        Rig rig, ConcurrentDictionary<string, string> answered, int kills, long cut, bool single, List<double> recoveries, TimeSpan took)
    {
        var ledger = await rig.LedgerAsync();
        var charged = Charged(ledger);
        var problems = new List<string>();
        var (lost, doubled, wrong) = (0, 0, 0);
        if (single)
        {
            var events = (await rig.EventsAsync()).Select(e => (
                Request: (string)e!["metadata"]!["requestId"]!,
                Metric: (string)e["properties"]![0]!["billableMetricId"]!,
                Quantity: (long)e["properties"]![0]!["quantity"]!)).ToList();
            var byRequest = events.ToLookup(e => e.Request, StringComparer.Ordinal);
            lost = answered.Keys.Count(id => !byRequest.Contains(id));
            doubled = byRequest.Count(g => g.Count() > 1);
            wrong = events.Count(e => e.Quantity != 1 || (answered.TryGetValue(e.Request, out var metric) && metric != e.Metric));
        }

        var surplus = charged - answered.Count;
        if (lost > 0) problems.Add($"{lost} answers were never charged");
        if (doubled > 0) problems.Add($"{doubled} requests were charged twice");
        if (wrong > 0) problems.Add($"{wrong} charges are wrong");
        if (surplus < 0) problems.Add($"{-surplus} units are missing");
        if (surplus > cut) problems.Add($"{surplus} charges without an answer, but only {cut} requests were cut off");
        if ((long)ledger["conflictingDuplicates"]! is > 0 and var conflicts) problems.Add($"{conflicts} events came again with other content");
        foreach (var entitlement in ledger["customers"]![0]!["entitlements"]!.AsArray())
        {
            if ((long)entitlement!["unitsUsed"]! > (long)entitlement["quantity"]!) problems.Add($"{entitlement["id"]} was overspent");
        }

        if (File.Exists(Path.Combine(rig.Folder.FullName, "data", "quarantine.jsonl"))) problems.Add("events are in quarantine");
        recoveries.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {kills} kills in {took.TotalSeconds:F0} s: {answered.Count:N0} answers, {charged:N0} charges, {lost} lost, {doubled} doubled, {wrong} wrong
            {surplus} charges of answers that a kill cut off, of {cut} requests cut off; the sandbox was sent {(long)ledger["duplicates"]!:N0} events again and took each once
            from start to ready: {(recoveries.Count == 0 ? 0 : recoveries[recoveries.Count / 2]):F2} s median, {recoveries.LastOrDefault():F2} s at most
            """));
        foreach (var problem in problems) Console.WriteLine($"FAILED: {problem}");
        return problems.Count == 0 ? 0 : 1;
    }
}
