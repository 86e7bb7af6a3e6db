using System.Diagnostics;
using System.Globalization;

namespace Gateway.Torture.Streams;

/// <summary>
/// Two promises: an open stream costs little memory beyond what YARP itself takes for it; and of any number at once each is charged right, whether the
/// upstream ends it, its client leaves, or its customer's funds end.
/// </summary>
internal static class StreamRun
{
    /// <summary>Bytes of resident memory that an open stream may take beyond bare YARP's.</summary>
    private const double MostPerStream = 30 * 1024;

    /// <summary>With fewer streams, what a proxy sets up once for all of them counts for too much.</summary>
    private const int EnoughToJudge = 5000;

    public static async Task<int> ExecuteAsync(StreamPlan plan, CancellationToken stop)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Streams:N0} streams, clients speak HTTP/{(plan.Http2 ? "2, 100 streams a connection" : "1.1")}, the upstream HTTP/{plan.UpstreamVersion}; {plan.Rounds} rounds"));
        var (rounds, problems) = (new List<(Footprint Bare, Footprint Gateway)>(), new List<string>());
        for (var round = 1; round <= plan.Rounds; round++)
        {
            Console.WriteLine($"round {round}");
            rounds.Add(await RoundAsync(plan, problems, stop));
        }

        Console.WriteLine("bytes per stream, median of the rounds:");
        foreach (var (name, of) in Footprint.Columns)
        {
            var (bare, gateway) = (Median(rounds.Select(r => of(r.Bare))), Median(rounds.Select(r => of(r.Gateway))));
            var more = Median(rounds.Select(r => of(r.Gateway) - of(r.Bare)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-28} gateway {gateway,8:N0}   bare YARP {bare,8:N0}   difference {more,8:N0}"));
        }

        if (plan.Streams >= EnoughToJudge && Median(rounds.Select(r => r.Gateway.Resident - r.Bare.Resident)) > MostPerStream) problems.Add("A stream costs more than 30 KB beyond bare YARP.");
        foreach (var problem in problems) Console.WriteLine($"FAILED: {problem}");
        return problems.Count == 0 ? 0 : 1;
    }

    /// <returns>Memory per stream of both proxies.</returns>
    private static async Task<(Footprint Bare, Footprint Gateway)> RoundAsync(StreamPlan plan, List<string> problems, CancellationToken stop)
    {
        await using var world = await StreamWorld.StartAsync(plan);
        Footprint bare;
        using (var clients = new StreamClients(world.AddressOf(world.Bare), plan))
        {
            bare = await MeasureAsync(world, world.Bare, "bare", clients, problems, stop);
            clients.LeaveAll();
            await clients.EndedAsync(stop);
            await ReportRestAsync(world, world.Bare, "bare");
        }

        using (var clients = new StreamClients(world.AddressOf(world.Gateway), plan))
        {
            var gateway = await MeasureAsync(world, world.Gateway, "gateway", clients, problems, stop);
            await EndAsync(world, clients, plan, stop);
            var judge = await JudgeAsync(world, clients, plan, stop);
            Console.WriteLine(judge);
            problems.AddRange(judge.Problems);
            return (bare, gateway);
        }
    }

    private static async Task<Footprint> MeasureAsync(StreamWorld world, Child proxy, string name, StreamClients clients, List<string> problems, CancellationToken stop)
    {
        await clients.WarmUpAsync(stop);
        var rest = await Footprint.OfAsync(proxy, world.HeapSocket(name));
        var started = Stopwatch.GetTimestamp();
        await clients.OpenAsync(stop);
        var opened = Stopwatch.GetElapsedTime(started);
        await clients.SettleDownAsync(stop);
        var (cpu, from) = (proxy.CpuTime, Stopwatch.GetTimestamp());
        await Task.Delay(clients.WatchFor, TimeProvider.System, stop);
        var load = (proxy.CpuTime - cpu) / Stopwatch.GetElapsedTime(from);
        var steady = await Footprint.OfAsync(proxy, world.HeapSocket(name));
        if (clients.Open != clients.Count) problems.Add($"Only {clients.Open} of {clients.Count} streams were open when {name} was measured.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
              {name}: opened in {opened.TotalSeconds:F1} s; {load * 100:F1} % of a processor while they run
                at rest {Text(rest)}
                steady  {Text(steady)}
            """));
        return steady.PerStream(rest, clients.Count);
    }

    /// <summary>Those whose funds end go by themselves; at the same time the upstream ends its own and clients leave.</summary>
    private static async Task EndAsync(StreamWorld world, StreamClients clients, StreamPlan plan, CancellationToken stop)
    {
        await clients.FirstCutAsync(stop);
        var over = TimeSpan.FromSeconds(plan.HoldSeconds / 4.0);
        await world.EndAsync(Fate.Finished, over);
        await clients.LeaveAsync(over, stop);
        await clients.EndedAsync(stop);
    }

    private static async Task<StreamJudge> JudgeAsync(StreamWorld world, StreamClients clients, StreamPlan plan, CancellationToken stop)
    {
        var held = -1;
        await Rig.UntilAsync(async () => (held = (int)(await world.StateAsync())["unitsHeld"]!) == 0, TimeSpan.FromSeconds(30), "everything held to be given back or charged");
        await ReportRestAsync(world, world.Gateway, "gateway");
        await world.Gateway.TerminateAsync(); // ships whatever is left
        var judge = new StreamJudge(JournalBook.Read(world.JournalFolder), plan);
        foreach (var stream in clients.Streams) judge.Judge(stream);
        judge.Judge(await world.LedgerAsync(), await world.EventsAsync(), held);
        stop.ThrowIfCancellationRequested();
        return judge;
    }

    private static async Task ReportRestAsync(StreamWorld world, Child proxy, string name) =>
        Console.WriteLine($"    after   {Text(await Footprint.OfAsync(proxy, world.HeapSocket(name)))}");

    private static string Text(Footprint footprint) =>
        string.Join(", ", Footprint.Columns.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} {c.Of(footprint) / 1e6:F1} MB")));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
